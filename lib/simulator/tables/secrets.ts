/**
 * Secrets inside configuration tables. They look like real ones, guard nothing, and are each found
 * by a plain search, so that a leak in an output is seen.
 *
 * @module
 */

/** The secrets by where they stand. */
export const SECRETS = {
  ddns: "Dd7#secret-of-DDNS",
  email: "Em4!secret-of-Email",
  nas: "Na2$secret-of-NAS",
  pppoe: "Pp5%secret-of-PPPoE",
  registerServer: "Rg6^secret-of-VSP",
  remoteDevice: "Rd8&secret-of-RemoteDevice",
  snmpAuth: "Sn1*secret-of-SNMP-auth",
  snmpPriv: "Sn3(secret-of-SNMP-priv",
  wlanKey: "57657031", // WEP keys are hexadecimal digits
  wlanPsk: "Wl9)secret-of-WLan-PSK",
} as const;

/** Every secret that the tables of a simulated device hold when it leaves the factory. */
export const SIMULATED_SECRETS: readonly string[] = Object.values(SECRETS);
