/**
 * Says what is wrong with a device, or with the way to it.
 *
 * @module
 */

export { type Bundle, type BundleOptions, makeBundle } from "./bundle.ts";
export { diagnose, type Diagnosis, type DoctorOptions } from "./diagnose.ts";
export type { Check, Finding, FindingStatus } from "./finding.ts";
export type { Service } from "./port_findings.ts";
export { tunnelFindings, type TunnelOutcome } from "./tunnel_findings.ts";
