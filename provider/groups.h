// SPDX-License-Identifier: Apache-2.0
/*
 * The TLS groups that go with our key manager for EC. libssl uses a group only when it was
 * announced by the very provider whose key manager it would pick: where that is us, the curves
 * P-256, P-384 and P-521 would be lost to the process. So the inner providers' groups are announced
 * again.
 */
#ifndef SS_GROUPS_H
#define SS_GROUPS_H

#include "context.h"

/*
 * Calls `callback` for each group; false as soon as it refuses one. Where the inner providers
 * cannot be loaded there are no groups, and no error: every TLS program of the system asks this,
 * and a wrong setting of ours must not be its end.
 */
bool ss_groups_announce(struct ss_context *context, OSSL_CALLBACK *callback, void *argument);

#endif
