# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Debian's device client as a judge of artifacts, after common.bash.

# device_installs FILE [DEVICE_TYPE [PAYLOAD_TYPE]]: after it, `run`'s variables, and the device in the folder device.
device_installs() {
  run "$TESTS/helpers/device-client" "$PWD/device" "$@"
}

# After device_installs: it failed, but only since the artifact is meant for another device, or goes on another artifact.
is_for_another_device() {
  [[ $output == *"device type doesn't match"* || $output == *'required by artifact depends'* ||
    $output == *"doesn't match any of the"*'artifact depends'* ]]
}
