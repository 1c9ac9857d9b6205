#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mender-artifact validate: content first, then the signature, and an exit status that scripts can rely on.

load ../helpers/common

VECTORS=$TESTS/data/vectors
UNSIGNED=$VECTORS/good/rootfs-gzip.mender
RSA=$VECTORS/good/signed-rsa2048-pkcs1.mender
RSA_PUBLIC=$VECTORS/keys/test-rsa2048-pkcs1.pub.pem
EC=$VECTORS/good/signed-ecp256-sec1.mender
EC_PUBLIC=$VECTORS/keys/test-ecp256-sec1.pub.pem

# refuse STATUS SENTENCE ARGUMENT...: validate fails with the status, and the sentence is all that it says.
refuse() {
  local expected=$1 sentence=$2
  shift 2
  run --separate-stderr mender-artifact validate "$@"
  assert_failure "$expected"
  refute_output
  assert_equal "$stderr" "$sentence"
}

accept() {
  run --separate-stderr mender-artifact validate "$@"
  assert_success
  assert_output "Artifact file '$1' validated successfully"
  assert_equal "$stderr" ''
}

@test "what is right is said to be so on standard output" {
  accept "$UNSIGNED"
  accept "$RSA" -k "$RSA_PUBLIC"
  accept "$EC" -k "$EC_PUBLIC"
}

@test "a key may be public, a certificate or private" {
  accept "$RSA" -k "$VECTORS/keys/test-rsa2048-pkcs1.pem"
  accept "$EC" -k "$VECTORS/keys/test-ecp256-sec1.pem"
  openssl req -new -x509 -key "$VECTORS/keys/test-ecp256-sec1.pem" -subj /CN=x -out certificate.pem
  accept "$EC" -k certificate.pem
}

@test "a signature without a key, and a key without a signature, do not pass" {
  refuse 5 'missing verifier' "$RSA"
  refuse 5 'missing signature' "$UNSIGNED" -k "$RSA_PUBLIC"
}

@test "an empty key takes no other back, before it or after it" {
  refuse 5 'missing signature' "$UNSIGNED" -k "$RSA_PUBLIC" -k ''
  refuse 5 'missing signature' "$UNSIGNED" -k '' -k "$RSA_PUBLIC" -k ''
  accept "$RSA" -k "$RSA_PUBLIC" -k ''
  run --separate-stderr mender-artifact validate "$UNSIGNED" -k "$RSA_PUBLIC" -k '' --azure-key x
  assert_failure 1
  assert_contains 'too many signing keys given: [key azure-key]'
}

@test "another key does not pass, whatever its type" {
  refuse 5 'crypto/rsa: verification error' "$RSA" -k "$VECTORS/keys/test-other-rsa2048.pub.pem"
  refuse 5 'crypto/rsa: verification error' "$EC" -k "$RSA_PUBLIC"
  refuse 5 'signer: verification failed' "$EC" -k "$VECTORS/keys/test-other-ecp256.pub.pem"
  refuse 5 'signer: invalid signature length: 256. For ECDSA only P-256 is supported.' "$RSA" -k "$EC_PUBLIC"
}

@test "a key that cannot be used fails with 1, and never with 0" {
  refuse 1 'Error reading key file: open nope.pem: No such file or directory' "$RSA" -k nope.pem
  run --separate-stderr mender-artifact validate "$RSA" -k "$VECTORS/inputs/not-a-key.pem"
  assert_failure 1
  assert_contains 'signer: failed to parse public key'
  run --separate-stderr mender-artifact validate "$RSA" -k "$VECTORS/keys/test-ecp521-pkcs8.pub.pem"
  assert_failure 1
  assert_contains 'devices verify RSA (PKCS#1 v1.5) and EC P-256'
}

@test "what cannot be opened fails with 4, nothing to open with 1" {
  refuse 4 'Can not open artifact: open nope.mender: No such file or directory' nope.mender
  refuse 1 $'Nothing specified, nothing validated. \nMaybe you wanted to say \'artifacts validate <pathspec>\'?'
}

@test "what is broken fails with 5, and its content is told before its signature" {
  local size
  size=$(stat -c %s "$RSA")
  cp "$RSA" broken.mender
  printf '\xff' | dd of=broken.mender bs=1 seek=$((size - 2048)) conv=notrunc status=none
  run --separate-stderr mender-artifact validate broken.mender -k "$VECTORS/keys/test-other-rsa2048.pub.pem"
  assert_failure 5
  # shellcheck disable=SC2154
  [[ ${stderr_lines[0]} == 'data/0000.tar.gz: '*' (refused '* ]] || complain 'the content is not told first'
  assert_equal "${stderr_lines[-1]}" 'crypto/rsa: verification error'

  head -c $((size / 2)) "$UNSIGNED" >cut.mender
  run --separate-stderr mender-artifact validate cut.mender
  assert_failure 5
  refute_output

  run --separate-stderr mender-artifact validate "$VECTORS/inputs/hello.txt"
  assert_failure 5
}

@test "a pipe is as good as a file" {
  run --separate-stderr bash -c "cat '$EC' | mender-artifact validate /dev/stdin -k '$EC_PUBLIC'"
  assert_success
  assert_output "Artifact file '/dev/stdin' validated successfully"
}

@test "escape sequences of a hostile artifact do not reach the terminal" {
  local folder
  printf '{"format":"mender\\u001b[31m","version":3}' >version
  tar --format=ustar -cf hostile.mender version
  for folder in read validate; do
    run --separate-stderr mender-artifact "$folder" hostile.mender
    assert_failure
    [[ $output$stderr != *$'\033'* ]] || complain 'an escape character came through'
  done
}

@test "all that is wrong is said, and not only the first of it" {
  echo 'the first of three' >one
  echo 'the second' >two
  echo 'the third of three' >three
  mender-artifact write module-image -n n -c t -T module -f one -f two -f three --compression none -o a.mender \
    -k "$VECTORS/keys/test-rsa2048-pkcs1.pem"
  sed -i 's/of three/of Three/' a.mender
  run --separate-stderr mender-artifact validate a.mender -k "$EC_PUBLIC"
  assert_failure 5
  refute_output
  assert_equal "${#stderr_lines[@]}" 3
  assert_contains 'one: invalid checksum; expected: ['
  assert_contains 'three: invalid checksum; expected: ['
  assert_contains 'signer: invalid signature length'
  refute_contains 'two:'
}

@test "who refuses it is said of everything that is wrong, in text and in JSON" {
  echo 'the payload' >one
  mender-artifact write module-image -n n -c t -T module -f one --compression none -o a.mender
  sed -i -e 's/"format":"mender"/"format":"sender"/' -e 's/"type":"module"/"type":"mobule"/' -e 's/the payload/THE PAYLOAD/' a.mender
  sed -i -e 's/{"type":"mobule","artifact_provides"/{"type":"module","artifact_provides"/' a.mender
  run --separate-stderr mender-artifact validate a.mender
  assert_failure 5
  refute_output
  assert_equal "${#stderr_lines[@]}" 5
  [[ ${stderr_lines[0]} == 'version: the format is "sender"'*' (refused by devices)' ]] || complain 'the format'
  [[ ${stderr_lines[1]} == 'version: invalid checksum'*' (refused by devices and mender-artifact 4.4)' ]] || complain 'version'
  [[ ${stderr_lines[2]} == 'header.tar: invalid checksum'*' (refused by devices and mender-artifact 4.4)' ]] || complain 'header'
  [[ ${stderr_lines[3]} == 'header.tar: type-info: Type in '*' (refused by mender-artifact 4.4)' ]] || complain 'type-info'
  [[ ${stderr_lines[4]} == 'data/0000.tar: one: invalid checksum'*' (refused by '* ]] || complain 'payload'
  run --separate-stderr mender-artifact validate --json a.mender
  assert_failure 5
  assert_equal "$(jq -c '[.errors[] | [.member, .refused_by]] | unique' <<<"$output")" \
    '[["data/0000/one",["devices","mender-artifact"]],["header.tar",["devices","mender-artifact"]],["type-info",["mender-artifact"]],["version",["devices"]],["version",["devices","mender-artifact"]]]'
}

@test "what is only warned of is told beside what is wrong, and after it" {
  sed 's/rootfs-image.version:/rootfs-imagf.version:/' "$VECTORS/good/v390-rootfs-signed.mender" >broken.mender
  truncate -s -2000 broken.mender
  run --separate-stderr mender-artifact validate broken.mender
  assert_failure 5
  [[ ${stderr_lines[-1]} == 'warning: type-info: the type is empty'*' (refused by mender-artifact 4.4)' ]] || complain 'no warning'
  [[ ${stderr_lines[0]} != warning* ]] || complain 'a warning comes first'
}

@test "the verdict for programs is JSON, with the same exit status" {
  run --separate-stderr mender-artifact validate --json "$RSA" -k "$RSA_PUBLIC"
  assert_success
  assert_equal "$(jq -c . <<<"$output")" "{\"artifact\":\"$RSA\",\"valid\":true,\"signature\":\"verified\",\"errors\":[],\"warnings\":[]}"
  run --separate-stderr mender-artifact validate --json "$RSA"
  assert_failure 5
  assert_equal "$(jq -c '[.valid, .signature, .errors]' <<<"$output")" '[false,"unchecked",[{"member":"","message":"missing verifier","refused_by":["mender-artifact"]}]]'
  head -c 2000 "$RSA" >cut.mender
  run --separate-stderr mender-artifact validate --json cut.mender
  assert_failure 5
  assert_equal "$(jq -c '[.valid, .signature, (.errors | length)]' <<<"$output")" '[false,null,1]'
}

@test "a path that is no UTF-8 is told in JSON as far as it is" {
  run --separate-stderr mender-artifact validate --json $'no\xffwhere/\xc3\xa9.mender'
  assert_failure 4
  assert_equal "$(jq -c '[.artifact, .errors[0].message]' <<<"$output")" \
    '["no?where/é.mender","Can not open artifact: open no?where/é.mender: No such file or directory"]'
}

@test "a payload over the limit is not read" {
  head -c 50000000 /dev/zero >zeros
  mender-artifact write module-image -n n -c t -T module -f zeros -o bomb.mender
  for command in read validate dump; do
    run --separate-stderr mender-artifact $command --max-payload-size 49MB bomb.mender
    assert_failure
    refute_output
    assert_contains 'larger than the limit of 49000000 bytes'
    mender-artifact $command --max-payload-size 50MB bomb.mender >/dev/null
  done
  run --separate-stderr mender-artifact validate --max-payload-size 5XB bomb.mender
  assert_failure 1
  assert_contains 'invalid --max-payload-size: unsupported unit: XB'
  run --separate-stderr mender-artifact validate --max-payload-size 0 bomb.mender
  assert_failure 1
  assert_contains 'invalid --max-payload-size: less than one byte: 0'
}

# pack_payload: x.mender with the tar of standard input for its payload, compressed; the rest of it is from small.mender.
pack_payload() {
  rm -rf parts
  mkdir -p parts/data
  tar -C parts -xf small.mender
  gzip -1 >parts/data/0000.tar.gz
  tar -C parts -cf x.mender version manifest header.tar.gz data/0000.tar.gz
}

@test "that there are too many scripts is said once, and what is wrong behind them as well" {
  local i
  echo file >file
  mender-artifact write module-image -n n -c t -T module -f file --compression none -o small.mender
  mkdir -p parts/header/scripts
  tar -C parts -xf small.mender
  tar -C parts/header -xf parts/header.tar
  for i in {1..5200}; do : >"parts/header/scripts/ArtifactInstall_Enter_00_$i"; done
  (cd parts/header && tar --format=ustar -cf ../header.tar header-info scripts/* headers/0000/type-info)
  sed -i "s/^.*  header.tar/$(sha256sum <parts/header.tar | cut -c 1-64)  header.tar/; s/^....\(.*data.0000.file\)/0000\1/" parts/manifest
  tar -C parts --format=ustar -cf x.mender version manifest header.tar data/0000.tar
  run --separate-stderr mender-artifact validate x.mender
  assert_failure 5
  assert_equal "${stderr_lines[0]}" 'header.tar: there are more than 4096 scripts (refused here only)'
  [[ ${stderr_lines[1]} == 'data/0000.tar: file: invalid checksum'* ]] || complain 'what is behind them'
  assert_equal "${#stderr_lines[@]}" 2
}

@test "what follows the end of the payload's tar is bounded, with a limit and without one" {
  local command
  echo small >file
  mender-artifact write module-image -n n -c t -T module -f file -o small.mender
  { tar -cf - file; head -c 100000000 /dev/zero; } | pack_payload
  for command in read validate dump; do
    run --separate-stderr mender-artifact $command --max-payload-size 1MB x.mender
    assert_failure
    assert_contains 'more than 1048576 bytes follow the end of the archive'
    run --separate-stderr mender-artifact $command x.mender
    assert_failure
  done
  tar -b 2048 -cf - file | pack_payload
  mender-artifact validate --max-payload-size 1KB x.mender
}

@test "headers of the payload's tar are bounded by --max-payload-size as well" {
  echo small >file
  mender-artifact write module-image -n n -c t -T module -f file -o small.mender
  for _ in $(seq 20); do
    tar -cf - --format=pax --pax-option="comment:=$(head -c 100000 /dev/zero | tr '\0' x)" file | head -c 101888
  done >headers
  { cat headers; tar -cf - file; } | pack_payload
  run --separate-stderr mender-artifact validate --max-payload-size 1KB x.mender
  assert_failure 5
  assert_contains 'when decompressed'
}
