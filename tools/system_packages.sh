#!/usr/bin/env bash
# Install what some tests and `hospes demo emergency` use where it is there, and do without where it is not. Debian 12, as root.
# qemu-system-arm runs the wearable's image for Cortex-M4; chromium opens the pages.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium qemu-system-arm
