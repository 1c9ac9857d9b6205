// SPDX-License-Identifier: Apache-2.0
/*
 * What goes with our key managers in TLS: the groups of EC, and the signature algorithms of newer
 * types of keys. libssl uses one only when it was announced by the very provider whose key manager
 * it would pick: where that is us, P-256 or ML-DSA would be lost to the process. So what the inner
 * providers announce is announced again.
 */
#ifndef SS_CAPABILITIES_H
#define SS_CAPABILITIES_H

#include "context.h"

/*
 * Calls `callback` for each of "TLS-GROUP" or "TLS-SIGALG" (provider-base(7)); false as soon as it
 * refuses one. Where the inner providers cannot be loaded there are none, and no error: every TLS
 * program of the system asks this, and a wrong setting of ours must not be its end.
 */
bool ss_capabilities_announce(struct ss_context *context, const char *capability,
                              OSSL_CALLBACK *callback, void *argument);

#endif
