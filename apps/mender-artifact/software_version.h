// SPDX-License-Identifier: Apache-2.0
/* What an artifact provides and clears unless it is told otherwise: the version of the software
 * that is its payload. */
#ifndef MENDER_ARTIFACT_SOFTWARE_VERSION_H
#define MENDER_ARTIFACT_SOFTWARE_VERSION_H

#include "write_options.h"

extern const struct option software_version_options[];

/*
 * Adds "rootfs-image.version: NAME" and its kin to the request's provides, and the patterns that go
 * with it to what it clears; the request's name and payload type are set. Of -p and --software-...,
 * for the same key, the later on the command line wins.
 */
bool software_version_add(struct write_request *request, const struct arguments *arguments,
                          struct artifact_error *error);

#endif
