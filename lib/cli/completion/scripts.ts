/**
 * The completion scripts of the shells. All they know is how to ask `dhip __complete`; the words go
 * through a pipe, because one of them may be a password.
 *
 * @module
 */

/** Works with bash 3.2, that of macOS, and without the package bash-completion. */
const BASH = String.raw`# dhip completions for bash
_dhip() {
  # readline splits at these characters, which belong to our words: --output=json, @hall, a:5000.
  local breaks=$COMP_WORDBREAKS line="\${COMP_LINE:0:COMP_POINT}"
  local -a words=()
  local word joined="" i
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # The line itself tells whether a word stood apart from the one before.
    line=\${line#*"\${COMP_WORDS[i - 1]}"}
    if ((i > 1)) && [[ \${line:0:1} != [[:space:]] ]]; then
      joined+=$word
    else
      ((i > 1)) && words+=("$joined")
      joined=$word
    fi
  done
  words+=("$joined")
  # What readline replaces begins behind the last of its break characters, or at an @.
  local rest=$joined
  for ((i = \${#joined} - 1; i >= 0; i--)); do
    if [[ \${joined:i:1} == [@:=] && $breaks == *"\${joined:i:1}"* ]]; then
      rest=\${joined:i}
      [[ $rest == @* ]] || rest=\${rest:1}
      break
    fi
  done
  local done_part=\${joined%"$rest"} candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [[ $candidate == :files ]]; then
      compopt -o default 2>/dev/null
      return
    fi
    candidate=\${candidate%%$'\t'*}
    COMPREPLY+=("\${candidate#"$done_part"}")
  done < <(printf '%s\0' "\${words[@]}" | command dhip __complete 2>/dev/null)
  # A value, a name or another one behind a comma may follow.
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[=,] ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _dhip dhip
`;

const ZSH = String.raw`#compdef dhip
_dhip() {
  local -a lines candidates shown
  local line
  lines=("\${(@f)$(printf '%s\0' "\${(@Q)words[2,CURRENT]}" | command dhip __complete 2>/dev/null)}")
  if [[ \${lines[1]} == :files ]]; then
    compset -P '--*='
    _files
    return
  fi
  for line in $lines; do
    [[ -z $line ]] && continue
    candidates+=("\${line%%$'\t'*}")
    if [[ $line == *$'\t'* ]]; then
      shown+=("\${line%%$'\t'*}  -- \${line#*$'\t'}")
    else
      shown+=("$line")
    fi
  done
  (( $#candidates )) && compadd -l -d shown -a candidates
}
if [[ $funcstack[1] == _dhip ]]; then
  _dhip "$@"
else
  compdef _dhip dhip
fi
`;

const FISH = String.raw`# dhip completions for fish
function __dhip_complete
  set -l token (commandline -ct)
  set -l words (commandline -opc) "$token"
  set -l lines (printf '%s\0' $words[2..-1] | command dhip __complete 2>/dev/null)
  if test "$lines[1]" = ":files"
    set -l option (string match -r '^--[\w-]+=' -- "$token")
    set -l path (string replace -r '^--[\w-]+=' '' -- "$token")
    __fish_complete_path "$path" | string replace -r '^' -- "$option"
  else
    printf '%s\n' $lines
  end
end
complete -c dhip -f -a '(__dhip_complete)'
`;

const POWERSHELL = String.raw`# dhip completions for PowerShell
Register-ArgumentCompleter -Native -CommandName dhip -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -le $cursorPosition } |
    ForEach-Object { if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text } })
  if ($wordToComplete -eq '' -or $words.Count -eq 0) { $words += '' }
  $words -join "\`n" | dhip __complete 2>$null | ForEach-Object {
    if ($_ -eq ':files') { return }
    $word, $summary = $_ -split "\`t", 2
    if (-not $summary) { $summary = $word }
    [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $summary)
  }
}
`;

/** The scripts by shell. */
export const SCRIPTS: Readonly<Record<"bash" | "zsh" | "fish" | "powershell", string>> = {
  bash: unescaped(BASH),
  zsh: unescaped(ZSH),
  fish: unescaped(FISH),
  powershell: unescaped(POWERSHELL),
};

/** A raw template keeps backslashes; those before \`$\` and the backtick are TypeScript's only. */
function unescaped(text: string): string {
  return text.replace(/\\([$\`])/g, "$1");
}
