/**
 * Two self-signed certificates of the simulator: EC P-256, CN=simulator, valid from 2020 to 2120,
 * made once with `openssl req -new` and `openssl ca -selfsign`. The keys are public: they guard
 * nothing.
 *
 * @module
 */

/** A certificate with its key, in PEM. */
export interface Certificate {
  /** Certificate. */
  readonly cert: string;
  /** Private key. */
  readonly key: string;
}

/** The certificate of a device. */
export const FIRST: Certificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBjTCCATKgAwIBAgIJAOIIS6ncCG1cMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMM
CXNpbXVsYXRvcjAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDES
MBAGA1UEAwwJc2ltdWxhdG9yMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjP9d
NehdSsGZV4ir9b+eLzX5+NtdnYqvgpCiLsREoHX0L9VXyA7I2/ORBv+5OjyZvoaV
GjZfdrO/aADog8PiqKNrMGkwDwYDVR0TAQH/BAUwAwEB/zA3BgNVHREEMDAugglz
aW11bGF0b3KCCWxvY2FsaG9zdIcEfwAAAYcQAAAAAAAAAAAAAAAAAAAAATAdBgNV
HQ4EFgQUHxY/zKAjonXUwqQByEw/ZziFxZwwCgYIKoZIzj0EAwIDSQAwRgIhALJt
U3GP82a+j9Kq72QWwIblozxw9cTpz7DJqpu9ehnKAiEA0GklhcYRRE49ix+GQ9W6
Bm9LsKkSgxKBW8aNGxjc5Sw=
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgr1U3Z0xlSqFqo+lk
WEjueFRQttJCBH7NlKYOtpGpRFihRANCAASM/1016F1KwZlXiKv1v54vNfn4212d
iq+CkKIuxESgdfQv1VfIDsjb85EG/7k6PJm+hpUaNl92s79oAOiDw+Ko
-----END PRIVATE KEY-----
`,
};

/** The certificate that a device shows after the fault `new-certificate`. */
export const SECOND: Certificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBizCCATKgAwIBAgIJALlOgTM7PcpPMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMM
CXNpbXVsYXRvcjAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDES
MBAGA1UEAwwJc2ltdWxhdG9yMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2GXD
mA+dhg9bX+X248/HaVxpdEQzXpXH3mWYxHO+bAMXxNi+kiHuYwqI+y/r4pP+6apt
1WzlGjF8ACo8br07h6NrMGkwDwYDVR0TAQH/BAUwAwEB/zA3BgNVHREEMDAugglz
aW11bGF0b3KCCWxvY2FsaG9zdIcEfwAAAYcQAAAAAAAAAAAAAAAAAAAAATAdBgNV
HQ4EFgQU4nN682drt0H25IrhFh+Kzo1KXWwwCgYIKoZIzj0EAwIDRwAwRAIgFW0A
6hKI5zLU35EVucEDneS2H4f6il/1WWSl/dEg3RsCIGlbKgpfSWxxljFF79baguJc
b9y5RrewEhfupNmHc/gt
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6KkDdz/LNsZgc6ha
+yXYfDwmv0onoanaUrOoimIXM0ahRANCAATYZcOYD52GD1tf5fbjz8dpXGl0RDNe
lcfeZZjEc75sAxfE2L6SIe5jCoj7L+vik/7pqm3VbOUaMXwAKjxuvTuH
-----END PRIVATE KEY-----
`,
};
