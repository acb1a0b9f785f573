/**
 * Differences as they may be shown.
 *
 * @module
 */

import type { Difference } from "../../camera/config_diff.ts";
import { parseConfigPath } from "../../camera/config_path.ts";
import { isSecretName, MASK, maskSecrets } from "../../camera/config_secrets.ts";

/** A copy with secrets masked: by the names in its path, and inside its values. */
export function maskDifference(difference: Difference): Difference {
  const secret = parseConfigPath(difference.path).steps
    .some((step) => typeof step === "string" && isSecretName(step));
  const mask = (value: unknown) => {
    if (typeof value === "string" && secret) return value === "" ? "" : MASK;
    return secret && typeof value === "object" && value !== null
      ? maskSecrets({ password: value } as { password: unknown })
      : maskSecrets(value);
  };
  return {
    path: difference.path,
    ...("before" in difference ? { before: mask(difference.before) } : {}),
    ...("after" in difference ? { after: mask(difference.after) } : {}),
  };
}
