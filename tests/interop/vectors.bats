#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What upstream's tool and devices say of each vector (data/vectors/index.json), and what we say.

load ../helpers/common

@test "a vector is answered otherwise than by upstream's tool without a reason" {
  cd "$BATS_TEST_TMPDIR"
  run "$TESTS/helpers/compare-vectors" "$TESTS/data/vectors" "$TESTS/interop/vectors.differences"
  assert_success
}
