import { command } from "../spec.ts";
import { oneOf } from "../values.ts";

export default command({
  targets: "none",
  description: "Prints a script that completes commands, options, their values, and the devices " +
    "and tags of the config file. It asks dhip itself and so is never out of date.",
  arguments: {
    shell: {
      value: "SHELL",
      type: oneOf("bash", "zsh", "fish", "powershell"),
      summary: "bash, zsh, fish or powershell",
    },
  },
  options: {},
  examples: [
    {
      does: "bash",
      line: "dhip completions bash > ~/.local/share/bash-completion/completions/dhip",
    },
    {
      does: "zsh: a folder of $fpath",
      line: "dhip completions zsh > /usr/local/share/zsh/site-functions/_dhip",
    },
    { does: "fish", line: "dhip completions fish > ~/.config/fish/completions/dhip.fish" },
    {
      does: "PowerShell: into $PROFILE",
      line: "dhip completions powershell | Out-String | Invoke-Expression",
    },
  ],
  async run({ output }, { shell }) {
    const { SCRIPTS } = await import("../completion/scripts.ts");
    await output.text(SCRIPTS[shell]);
    return 0;
  },
});
