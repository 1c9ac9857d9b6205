# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What openssl's commands do with a key, written down so that it can be compared: once with the key in a file and no
# provider of ours, once with a worker that holds the same key. After common.bash, standin.bash and openssl.bash.
#
#   parity_make_keys         in $PARITY: a key file for each of the kinds, and what other commands need beside a key
#   parity_compare GROUP     every kind in one go; fails with the difference
#
# A kind is a type of key and, where workers differ, what the worker does with it:
#
#   -mgf1      PSS with a key of type RSA          -hashes   it hashes for itself, with SHA-256
#   -raw       no client-side hashing              -either   ALLOW_CLIENTSIDEHASHING_OVERRIDE
#
# PARITY_KINDS says which. A row is a command: its exit status, what it prints, and what it says on standard error make
# the lines that are compared. What it writes to files is checked by rows of an openssl that has never heard of us.
# What a worker cannot do although a local key can is in parity_refusal, and nowhere else.

# ---- Kinds ----

# The type of key of a kind.
parity_type() {
  local type=${1%-either}
  type=${type%-hashes}
  type=${type%-raw}
  echo "${type%-mgf1}"
}

# The kinds that this libcrypto can make keys of.
parity_kinds() {
  local kind
  for kind in $PARITY_KINDS; do
    [ ! -e "$PARITY/$kind.key" ] || echo "$kind"
  done
}

# genpkey's options for a type.
parity_genpkey() {
  case $1 in
  rsa-pss-sha256)
    echo "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256" \
      "-pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32"
    ;;
  rsa-pss) echo "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048" ;;
  rsa-[0-9]*) echo "-algorithm RSA -pkeyopt rsa_keygen_bits:${1:4:4}" ;;
  ec-*) echo "-algorithm EC -pkeyopt ec_paramgen_curve:${1#ec-}" ;;
  *) echo "-algorithm $1" ;;
  esac
}

# The stand-in's settings for a worker of a kind, beside its key.
parity_worker() {
  local settings=,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-1:SHA-256:SHA-384:SHA-512 hash=NONE
  case $1 in
  *-hashes*) hash=SHA256 ;;
  rsa-* | ec-*) ;;
  *) return ;;
  esac
  case $1 in
  *-mgf1* | rsa-pss*) settings+=,SIGNATUREALGORITHM=${hash}withRSAandMGF1 ;;
  rsa-*) settings+=,SIGNATUREALGORITHM=${hash}withRSA ;;
  ec-*) settings+=,SIGNATUREALGORITHM=${hash}withECDSA ;;
  esac
  case $1 in
  *-either) settings+=,CLIENTSIDEHASHING=false,ALLOW_CLIENTSIDEHASHING_OVERRIDE=true ;;
  *-hashes | *-raw) settings+=,CLIENTSIDEHASHING=false ;;
  esac
  echo "$settings"
}

# Beside the keys, in $PARITY/inputs, what every row finds in its working directory.
parity_make_keys() {
  local kind type md
  export PARITY=$BATS_FILE_TMPDIR/parity
  mkdir -p "$PARITY/inputs"
  for kind in $PARITY_KINDS; do
    type=$(parity_type "$kind")
    # shellcheck disable=SC2046
    [ -e "$PARITY/$type.key" ] ||
      plain_openssl genpkey $(parity_genpkey "$type") -out "$PARITY/$type.key" 2>/dev/null || rm -f "$PARITY/$type.key"
    [ ! -e "$PARITY/$type.key" ] || [ "$kind" = "$type" ] || cp "$PARITY/$type.key" "$PARITY/$kind.key"
  done
  cd "$PARITY/inputs" || return
  echo 'a message' >message
  for md in sha1 sha256 sha384 sha512; do
    plain_openssl dgst -$md -binary -out $md message
  done
  plain_openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -subj /CN=other -out other.pem 2>/dev/null
  plain_openssl req -new -key other.key -subj /CN=leaf -out leaf.csr
  plain_openssl ocsp -issuer other.pem -serial 1 -no_nonce -reqout ocsp.request
  plain_openssl ts -query -data message -sha256 -no_nonce -cert -out ts.request 2>/dev/null
  printf '%s\n' '[tsa]' default_tsa=it '[it]' serial=ts.serial default_policy=1.2.3.4 digests=sha256 \
    signer_digest=sha256 ess_cert_id_alg=sha256 >ts.cnf
  printf 'V\t360101000000Z\t\t01\tunknown\t/CN=leaf\n' >ocsp.txt
  printf '%s\n' '[ca]' default_ca=it '[it]' database=ca.txt serial=ca.serial crlnumber=ca.crlnumber new_certs_dir=. \
    policy=any default_days=2 default_crl_days=2 default_md=sha256 unique_subject=no email_in_dn=no '[any]' \
    commonName=supplied >ca.cnf
  : >ca.txt
  echo 01 | tee ca.serial ca.crlnumber >ts.serial
}

# A worker of each kind, and beside its key file: the certificate of an authority, the public key, certificate and key in
# one file, and the same of a reference to the worker's key.
parity_start_workers() {
  local kind workers=()
  for kind in $(parity_kinds); do
    parity_use "$kind"
    plain_openssl req -x509 -key "$PARITY/$kind.key" -subj "/CN=$kind" -days 30 "${sigopt[@]}" \
      -addext extendedKeyUsage=critical,timeStamping -out "$PARITY/$kind.tsa"
    plain_openssl req -x509 -key "$PARITY/$kind.key" -subj "/CN=$kind" -days 30 "${sigopt[@]}" \
      -addext subjectKeyIdentifier=hash -addext basicConstraints=critical,CA:TRUE -out "$PARITY/$kind.pem"
    plain_openssl pkey -in "$PARITY/$kind.key" -pubout -out "$PARITY/$kind.pub"
    cat "$PARITY/$kind.key" "$PARITY/$kind.pem" >"$PARITY/$kind.both"
    workers+=(--worker "$kind,key=$PARITY/$kind.key,cert=$PARITY/$kind.pem$(parity_worker "$kind")")
  done
  standin_start "${workers[@]}"
  use_openssl_config last
  for kind in $(parity_kinds); do
    openssl pkey -in "signserver:$kind" -out "$PARITY/$kind.ref"
    cat "$PARITY/$kind.ref" "$PARITY/$kind.pem" >"$PARITY/$kind.refboth"
  done
}

# The options that make commands do with a kind of key what its worker does.
parity_use() {
  kind=$1 sigopt=() pkeyopt=() keyopt=() digests=(sha1 sha256 sha384 sha512) tls=()
  case $kind in
  *-mgf1*)
    sigopt=(-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest)
    ;;&
  *-mgf1* | rsa-pss*)
    pkeyopt=(-pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest)
    keyopt=(-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest)
    tls=(-tls1_2 -tls1_3)
    ;;
  rsa-*) tls=("-tls1_2 -sigalgs RSA+SHA256") ;;
  ec-P-*) tls=(-tls1_2 -tls1_3) ;;
  ec-*) tls=() ;;
  ml-dsa-*)
    tls=(-tls1_3)
    digests=()
    ;;
  slh-dsa-*)
    tls=()
    digests=()
    ;;
  *)
    tls=(-tls1_2 -tls1_3)
    digests=()
    ;;
  esac
}

# ---- What a worker cannot do ----

# Prints why the kind's worker refuses a command, as its error has to say. Nothing: it does what a local key does.
parity_refusal() {
  local row=" ${*,,} "
  # The private half is not here to be written.
  [[ $row != *" -out secret "* ]] || echo 'stays on the server'
  [[ $row != *" -verify "* && $row != *" -prverify "* ]] || return 0
  # A key of the type RSA-PSS is none for the algorithms of PKCS#1 v1.5, wherever it is.
  [[ $kind != rsa-pss* || ! $row =~ /message_api' '.*(rsa-sha|withrsa) ]] || return 0
  case $kind in
  *-hashes*)
    # It is given messages, and no digests; and hashes them with the digest that is its own (crl takes SHA-1 unasked).
    local of_digest=' pkeyutl -sign -inkey | -noattr |/message_api digest ' other_digest='sha(2-)?(1|384|512)| -gendelta '
    if [[ $row =~ $of_digest ]]; then
      echo CLIENTSIDEHASHING
      return
    elif [[ $row =~ $other_digest && $row != *" -sha256 "* ]]; then
      echo SIGNATUREALGORITHM
      return
    fi
    ;;
  esac
  case $kind in
  *-mgf1*)
    # These commands sign PKCS#1 v1.5 where the key is of the type RSA, and cannot be told otherwise.
    local pkcs1=' -gendelta later | smime -sign .*mgf1[^ ]*\.pem| ts -reply | ocsp -index |/message_api .*(rsa-sha|withrsa)'
    if [[ $row == *' spkac '* ]]; then
      echo 'Error signing SPKAC' # it does not show more
    elif [[ $row =~ $pkcs1 && $row != *' -rsigopt '* ]]; then
      echo SIGNATUREALGORITHM
    fi
    ;;
  esac
}

# ---- Rows ----

# parity_compare GROUP: the rows of a group with the key in a file and an openssl that has never heard of us, and with
# the worker, as its URI or with PARITY_FORM=reference as a file with a reference; complains of the first kinds that
# differ.
parity_compare() {
  local kind key both
  for kind in $(parity_kinds); do
    key=signserver:$kind both=signserver:$kind
    [ "${PARITY_FORM:-uri}" = uri ] || key=$PARITY/$kind.ref both=$PARITY/$kind.refboth
    parity_use "$kind"
    KEY=$PARITY/$kind.key BOTH=$PARITY/$kind.both KEY_FILE=$PARITY/$kind.key OPENSSL=local_openssl OPENSSL_CONF=/dev/null \
      parity_run "$1" local
    KEY=$key BOTH=$both KEY_FILE=$PARITY/$kind.ref OPENSSL=worker_openssl parity_run "$1" worker
  done
  grep -q '^[0-9]*: ' local.rows || complain "no command to compare"
  ! grep -F 'not good: ' local.rows || complain "what a local key made (above) is not good: the table compares failures"
  diff -U 3 local.rows worker.rows || complain "differences between key files (-) and workers (+)"
}

local_openssl() {
  plain_openssl "$1" "${query[@]}" "${@:2}"
}

# With the flags that load the provider, where no configuration does.
worker_openssl() {
  openssl "$1" "${flags[@]}" "${query[@]}" "${@:2}"
}

parity_run() {
  local side=$2 query=()
  [ "$side" = worker ] || local flags=()
  mkdir -p "$2"
  cp -r "$PARITY/inputs" "$2/$kind"
  cp "$PARITY/$kind.key" "$2/key"
  pushd "$2/$kind" >/dev/null || return
  echo "== $kind" >>"../../$2.rows"
  "parity_$1" >rows
  parity_normalise rows >>"../../$2.rows"
  popd >/dev/null || return
}

# Without what must differ: the key's name, the directory, the time, and the lines of the error queue.
parity_normalise() {
  sed -E -e '/:error:/d' -e '/(This|Next) Update:/d' \
    -e "s,($KEY|$BOTH|$KEY_FILE)( |$),KEY ,g" -e "s,$PARITY/,,g" -e '/^$/d' "$@"
}

# row COMMAND...: a line with the command and its exit status, then what it said. The command's first word is who runs
# it, and that differs.
row() {
  local status=0
  "$@" >row.out 2>row.err </dev/null || status=$?
  printf '%s\n' "$status: openssl ${*:2}" "$(<row.err)" "$(<row.out)"
  return $status
}

# With the key that is looked at.
key_row() {
  refusable_row "$OPENSSL" "$@"
}

# A row that the worker may refuse by design. Then it has to, with the reason, and what the command was to write is there
# for neither of the keys.
refusable_row() {
  local reason
  reason=$(parity_refusal "${@:2}")
  made=false
  if [ -z "$reason" ]; then
    ! row "$@" || made=true
    return
  fi
  echo "refused ($reason): openssl ${*:2}"
  [ "$side" = local ] || tell_unless_refused "$reason" "$@"
  remove_output "${@:2}"
}

tell_unless_refused() {
  row "${@:2}" >refused || true
  # openssl ts has a rejection to write, which is no failure.
  ! grep -q '^0:' refused || [ "$3" = ts ] || echo "not refused: openssl ${*:3}"
  grep -qF "$1" row.err || echo "refused without the reason: $(<row.err)"
}

# What a command's options for its output name.
remove_output() {
  local argument before=
  for argument in "$@"; do
    case $before in -out | -respout) rm -f "$argument" ;; esac
    before=$argument
  done
}

# What the key has just made is good.
check_row() {
  row plain_openssl "$@" || [ $made = false ] || echo "not good: $*"
}

# ---- Groups of rows ----

parity_show() {
  local option
  for option in -pubout "-pubout -outform DER -out pub.der" "-noout -text_pub" "-noout -check" "-noout -pubcheck" -noout \
    "-out copy" "-aes256 -passout pass:x -out secret" "-outform DER -out secret" "-traditional -out secret"; do
    # shellcheck disable=SC2086
    key_row pkey -in "$KEY" $option
  done
  check_row pkey -pubin -inform DER -in pub.der -noout -text
  key_row pkey -in copy -pubout
  key_row pkcs12 -export -inkey "$KEY" -in "$PARITY/$kind.pem" -passout pass:x -out secret
  key_row pkey -in "$KEY" -pubout -passin pass:unused
  case $kind in
  rsa-*)
    for option in -pubout "-pubout -outform DER -out pub.der" -RSAPublicKey_out "-noout -modulus" "-noout -check" "-out copy" \
      "-aes256 -passout pass:x -out secret" "-traditional -out secret"; do
      # shellcheck disable=SC2086
      key_row rsa -in "$KEY" $option
    done
    check_row rsa -pubin -inform DER -in pub.der -noout -text
    key_row rsa -in copy -pubout
    ;;&
  rsa-[0-9]*)
    for option in "-outform MSBLOB" "-outform PVK -pvk-none"; do
      # shellcheck disable=SC2086
      key_row rsa -in "$KEY" $option -out secret
    done
    key_row rsa -in "$KEY" -pubout -outform MSBLOB -out pub.msblob
    check_row rsa -pubin -inform MSBLOB -in pub.msblob -noout -text
    ;;
  ec-*)
    for option in uncompressed compressed hybrid; do
      key_row ec -in "$KEY" -pubout -conv_form "$option"
      key_row pkey -in "$KEY" -pubout -ec_conv_form "$option"
    done
    for option in named_curve explicit; do
      key_row ec -in "$KEY" -pubout -param_enc "$option"
      key_row pkey -in "$KEY" -pubout -ec_param_enc "$option"
      key_row ec -in "$KEY" -noout -param_out -param_enc "$option"
    done
    for option in -pubout "-pubout -outform DER -out pub.der" "-noout -check" "-noout -param_out" "-param_out" "-out copy" \
      "-aes256 -passout pass:x -out secret"; do
      # shellcheck disable=SC2086
      key_row ec -in "$KEY" $option
    done
    check_row ec -pubin -inform DER -in pub.der -noout -text
    key_row ec -in copy -pubout
    ;;
  esac
  key_row x509 -in "$BOTH" -noout -text
  key_row x509 -in "$BOTH"
  key_row storeutl -noout -keys "$BOTH"
  key_row storeutl -noout "$BOTH"
}

parity_digest() {
  local md
  for md in "${digests[@]}"; do
    key_row dgst -"$md" -sign "$KEY" "${sigopt[@]}" -out signature message
    check_row dgst -"$md" -verify "$PARITY/$kind.pub" "${sigopt[@]}" -signature signature message
    key_row dgst -"$md" -prverify "$KEY" "${sigopt[@]}" -signature signature message
    key_row dgst -"$md" -prverify "$KEY" "${sigopt[@]}" -signature signature sha256
    key_row dgst -"$md" -hex -sign "$KEY" "${sigopt[@]}" -out signature.hex message
  done
  key_row dgst -sign "$KEY" "${sigopt[@]}" -out signature message
  key_row dgst -sha256 -sign "$KEY" "${sigopt[@]}" -out signature nothing
  key_row dgst -sha256 -sign "$KEY" "${sigopt[@]}" -sigopt nonsense:1 -out signature message
  key_row dgst -sha256 -sign "$KEY" "${sigopt[@]}" -keyform ENGINE -out signature message
  key_row dgst -sha256 -sign "$KEY" "${sigopt[@]}" -out missing/signature message
}

parity_pkeyutl() {
  local md
  for md in "${digests[@]}"; do
    key_row pkeyutl -sign -inkey "$KEY" -in "$md" -pkeyopt "digest:$md" "${pkeyopt[@]}" -out signature
    check_row pkeyutl -verify -pubin -inkey "$PARITY/$kind.pub" -in "$md" -pkeyopt "digest:$md" "${pkeyopt[@]}" \
      -sigfile signature
    key_row pkeyutl -verify -inkey "$KEY" -in "$md" -pkeyopt "digest:$md" "${pkeyopt[@]}" -sigfile signature
    key_row pkeyutl -sign -rawin -digest "$md" -inkey "$KEY" -in message "${pkeyopt[@]}" -out signature
    check_row pkeyutl -verify -rawin -digest "$md" -pubin -inkey "$PARITY/$kind.pub" -in message "${pkeyopt[@]}" \
      -sigfile signature
    key_row pkeyutl -verify -rawin -digest "$md" -inkey "$KEY" -in message "${pkeyopt[@]}" -sigfile signature
    key_row pkeyutl -verify -rawin -digest "$md" -inkey "$KEY" -in sha256 "${pkeyopt[@]}" -sigfile signature
  done
  key_row pkeyutl -sign -rawin -inkey "$KEY" -in message "${pkeyopt[@]}" -out signature
  check_row pkeyutl -verify -rawin -pubin -inkey "$PARITY/$kind.pub" -in message "${pkeyopt[@]}" -sigfile signature
  key_row pkeyutl -verify -rawin -inkey "$KEY" -in message "${pkeyopt[@]}" -sigfile signature
  key_row pkeyutl -verify -rawin -inkey "$KEY" -in message "${pkeyopt[@]}" -sigfile message
  key_row pkeyutl -sign -inkey "$KEY" -in sha256 -pkeyopt digest:sha384 "${pkeyopt[@]}" -out signature
  key_row pkeyutl -sign -inkey "$KEY" -in sha256 -pkeyopt digest:nonsense -out signature
  key_row pkeyutl -sign -inkey "$KEY" -in sha256 -pkeyopt nonsense:1 -out signature
  case $kind in
  rsa-pss*) ;;
  rsa-*)
    key_row pkeyutl -verifyrecover -inkey "$KEY" -in signature -pkeyopt digest:sha256
    key_row pkeyutl -encrypt -inkey "$KEY" -in sha256 -out encrypted
    check_row pkeyutl -decrypt -inkey ../key -in encrypted -out decrypted
    check_row dgst -sha256 decrypted
    key_row pkeyutl -encrypt -inkey "$KEY" -in sha256 -pkeyopt rsa_padding_mode:oaep -out encrypted
    check_row pkeyutl -decrypt -inkey ../key -in encrypted -pkeyopt rsa_padding_mode:oaep -out decrypted
    ;;
  esac
}

parity_message() {
  local row algorithm=${kind^^} algorithms=()
  case $kind in
  rsa-*)
    algorithm=RSA
    algorithms=(RSA-SHA1:sha1 RSA-SHA2-256:sha256 RSA-SHA384:sha384 sha512WithRSAEncryption:sha512)
    ;;
  ec-*)
    algorithm=ECDSA
    algorithms=(ECDSA-SHA1:sha1 ECDSA-SHA2-256:sha256 ECDSA-SHA384:sha384 ecdsa-with-SHA512:sha512)
    ;;
  esac
  for row in "${algorithms[@]}"; do
    message_row message "$KEY" "${row%:*}" message
    check_row dgst "-${row#*:}" -verify "$PARITY/$kind.pub" -signature pieces.sig message
    message_row digest "$KEY" "${row%:*}" "${row#*:}"
    check_row dgst "-${row#*:}" -verify "$PARITY/$kind.pub" -signature once.sig message
    message_row digest "$KEY" "$algorithm" "${row#*:}" "${pkeyopt[@]/#-pkeyopt/}" "digest:${row#*:}"
    check_row dgst "-${row#*:}" -verify "$PARITY/$kind.pub" "${sigopt[@]}" -signature once.sig message
  done
  for row in "$algorithm" RSA-SHA2-256 ECDSA-SHA2-256; do
    message_row message "$KEY" "$row" message
  done
}

# message_row WHAT KEY ALGORITHM FILE OPTION...; empty options are none.
message_row() {
  local arguments=() argument
  for argument in "$@"; do
    [ -z "$argument" ] || arguments+=("$argument")
  done
  rm -f once.sig pieces.sig
  refusable_row foreign "$BUILD_DIR/tests/message_api" "${arguments[@]}"
}

parity_certify() {
  local md
  key_row req -new -key "$KEY" -subj /CN=x "${sigopt[@]}" -out request
  check_row req -in request -noout -verify -text -reqopt no_sigdump
  key_row req -new -x509 -key "$KEY" -subj /CN=x "${sigopt[@]}" -set_serial 1 -days 2 -out certificate
  check_row verify -CAfile certificate certificate
  for md in "${digests[@]:1}"; do
    key_row req -new -x509 "-$md" -key "$KEY" -subj /CN=x "${sigopt[@]}" -out certificate
    check_row verify -CAfile certificate certificate
  done
  key_row x509 -req -in leaf.csr -CA "$PARITY/$kind.pem" -CAkey "$KEY" -set_serial 2 "${sigopt[@]}" -out leaf
  check_row verify -CAfile "$PARITY/$kind.pem" leaf
  key_row x509 -req -in request -signkey "$KEY" "${sigopt[@]}" -out self
  check_row verify -CAfile self self
  key_row x509 -in "$PARITY/$kind.pem" -x509toreq -signkey "$KEY" "${sigopt[@]}" -out again
  check_row req -in again -noout -verify
  key_row x509 -req -in leaf.csr -CA other.pem -CAkey "$KEY" -set_serial 3 "${sigopt[@]}" -out wrong
  key_row x509 -req -in leaf.csr -CA nothing -CAkey "$KEY" -set_serial 3 "${sigopt[@]}" -out wrong
  key_row req -x509 -in leaf.csr -CA "$PARITY/$kind.pem" -CAkey "$KEY" -set_serial 4 -days 2 "${sigopt[@]}" -out leaf
  check_row verify -CAfile "$PARITY/$kind.pem" leaf
  key_row spkac -key "$KEY" -challenge x -digest sha256 -out spkac
  check_row spkac -in spkac -noout -verify
}

# What has been done above, with another choice of providers.
parity_query() {
  local property
  for property in '?provider!=signserver' '?provider=default' '?provider=signserver'; do
    query=(-propquery "$property")
    echo "-- ${query[*]}"
    key_row dgst -sha256 -sign "$KEY" "${sigopt[@]}" -out signature message
    check_row dgst -sha256 -verify "$PARITY/$kind.pub" "${sigopt[@]}" -signature signature message
    key_row req -new -key "$KEY" -subj /CN=x "${sigopt[@]}" -out request
    check_row req -in request -noout -verify
  done
  key_row pkey -in "$KEY" -pubout
  key_row pkey -in "$KEY" -noout -check
  key_row storeutl -noout "$BOTH"
  key_row x509 -in "$BOTH"
  case $kind in
  rsa-*) key_row rsa -in "$KEY" -pubout ;;
  ec-*) key_row ec -in "$KEY" -pubout -conv_form compressed ;;
  esac
  key_row dgst -sha256 -prverify "$KEY" "${sigopt[@]}" -signature signature message
  key_row pkeyutl -sign -rawin -inkey "$KEY" -in message "${pkeyopt[@]}" -out signature
  check_row pkeyutl -verify -rawin -pubin -inkey "$PARITY/$kind.pub" -in message "${pkeyopt[@]}" -sigfile signature
  key_row x509 -req -in leaf.csr -CA "$PARITY/$kind.pem" -CAkey "$KEY" -set_serial 2 "${sigopt[@]}" -out leaf
  check_row verify -CAfile "$PARITY/$kind.pem" leaf
  key_row ca -config ca.cnf -batch -keyfile "$KEY" -cert "$PARITY/$kind.pem" "${sigopt[@]}" -gencrl -out list
  check_row crl -in list -CAfile "$PARITY/$kind.pem" -noout
  key_row cms -sign -nodetach -in message -signer "$PARITY/$kind.pem" -inkey "$KEY" "${keyopt[@]}" \
    -outform DER -out signed
  check_row cms -verify -in signed -inform DER -CAfile "$PARITY/$kind.pem" -purpose any -out text
  key_row smime -sign -nodetach -in message -signer "$PARITY/$kind.pem" -inkey "$KEY" -out signed
  key_row spkac -key "$KEY" -challenge x -digest sha256 -out spkac
  key_row ts -reply -config ts.cnf -queryfile ts.request -inkey "$KEY_FILE" -signer "$PARITY/$kind.tsa" -out stamp
  key_row ocsp -index ocsp.txt -CA other.pem -rsigner "$PARITY/$kind.pem" -rkey "$KEY" \
    "${sigopt[@]/#-sigopt/-rsigopt}" -reqin ocsp.request -ndays 1 -respout response
  key_row pkcs12 -export -inkey "$KEY" -in "$PARITY/$kind.pem" -passout pass:x -out secret
  [ ${#tls[@]} -eq 0 ] ||
    parity_handshake "${tls[0]}" -key "$KEY" -cert "$PARITY/$kind.pem" -- -CAfile "$PARITY/$kind.pem"
}

parity_authority() {
  local option
  local ca=(ca -config ca.cnf -batch -keyfile "$KEY" -cert "$PARITY/$kind.pem" "${sigopt[@]}")
  key_row "${ca[@]}" -notext -startdate 20260101000000Z -enddate 20360101000000Z -in leaf.csr -out leaf
  check_row verify -CAfile "$PARITY/$kind.pem" leaf
  key_row "${ca[@]}" -revoke leaf
  key_row "${ca[@]}" -gencrl -out list
  check_row crl -in list -CAfile "$PARITY/$kind.pem" -noout
  key_row "${ca[@]}" -gencrl -out later
  for option in "" -sha256; do
    # shellcheck disable=SC2086
    key_row crl -in list -key "$KEY" $option -gendelta later -out delta
    check_row crl -in delta -CAfile "$PARITY/$kind.pem" -noout
  done
  key_row ca -config ca.cnf -batch -keyfile "$KEY" -cert other.pem -in leaf.csr -out wrong
}

parity_cms() {
  local option content
  local sign=(cms -sign -in message -signer "$PARITY/$kind.pem" -inkey "$KEY" "${keyopt[@]}")
  for option in -nodetach -binary "-nodetach -noattr" "-nodetach -keyid" "-nodetach -nocerts" "-nodetach -md sha512" \
    "-nodetach -nosmimecap" "-stream -nodetach"; do
    # shellcheck disable=SC2086
    key_row "${sign[@]}" $option -outform DER -out signed
    content=()
    [ "$option" != -binary ] || content=(-content message -binary)
    check_row cms -verify -in signed -inform DER "${content[@]}" -CAfile "$PARITY/$kind.pem" -purpose any \
      -certfile "$PARITY/$kind.pem" -out text
  done
  key_row "${sign[@]}" -nodetach -outform DER -out signed
  key_row cms -resign -in signed -inform DER -signer other.pem -inkey other.key -outform DER -out both
  check_row cms -verify -in both -inform DER -noverify -out text
  key_row cms -sign -in message -nodetach -signer other.pem -inkey other.key -signer "$PARITY/$kind.pem" -inkey "$KEY" \
    "${keyopt[@]}" -outform DER -out both
  check_row cms -verify -in both -inform DER -noverify -out text
  key_row cms -sign -in message -signer other.pem -inkey "$KEY" -outform DER -out wrong
  key_row cms -sign -in nothing -signer "$PARITY/$kind.pem" -inkey "$KEY" -outform DER -out wrong
  key_row cms -sign -in message -nodetach -signer "$BOTH" -inkey "$KEY" "${keyopt[@]}" -outform DER -out signed
  check_row cms -verify -in signed -inform DER -CAfile "$PARITY/$kind.pem" -purpose any -out text
  for option in "" -nodetach "-nodetach -noattr" "-nodetach -md sha384"; do
    # shellcheck disable=SC2086
    key_row smime -sign -in message -signer "$PARITY/$kind.pem" -inkey "$KEY" $option -out signed
    check_row smime -verify -in signed -CAfile "$PARITY/$kind.pem" -purpose any -out text
  done
  key_row smime -sign -in message -signer other.pem -inkey "$KEY" -out wrong
}

parity_respond() {
  local options=("") option
  [ ${#sigopt[@]} -eq 0 ] || options+=("${sigopt[*]//-sigopt/-rsigopt}")
  for option in "${options[@]}"; do
    # shellcheck disable=SC2086
    key_row ocsp -index ocsp.txt -CA other.pem -rsigner "$PARITY/$kind.pem" -rkey "$KEY" $option -reqin ocsp.request \
      -ndays 1 -respout response
    check_row ocsp -respin response -no_nonce -issuer other.pem -serial 1 -VAfile "$PARITY/$kind.pem" -trust_other
  done
  key_row ts -reply -config ts.cnf -queryfile ts.request -inkey "$KEY_FILE" -signer "$PARITY/$kind.tsa" -out stamp
  # A rejection is no failure of openssl ts.
  plain_openssl ts -reply -in stamp -text 2>/dev/null | grep -q 'Status: Granted' || made=false
  check_row ts -verify -in stamp -queryfile ts.request -CAfile "$PARITY/$kind.tsa"
}

# A handshake with the key as the server's, then as the client's. What s_client says of the session is not compared:
# it has random numbers in it.
parity_tls() {
  local options
  [ ${#tls[@]} -gt 0 ] || echo "0: not tried: TLS does not take this type of key"
  for options in "${tls[@]}"; do
    # shellcheck disable=SC2086
    parity_handshake "$options" -key "$KEY" -cert "$PARITY/$kind.pem" -- -CAfile "$PARITY/$kind.pem"
    # shellcheck disable=SC2086
    parity_handshake "${options/-sigalgs/-client_sigalgs}" -key other.key -cert other.pem -Verify 1 \
      -CAfile "$PARITY/$kind.pem" -verify_return_error -- -CAfile other.pem -key "$KEY" -cert "$PARITY/$kind.pem"
  done
}

# parity_handshake OPTIONS SERVER... -- CLIENT...: the client asks for a page, so that the server has accepted its
# certificate where there is an answer.
parity_handshake() {
  local options=$1 server=() status=0
  shift
  while [ "$1" != -- ]; do
    server+=("$1")
    shift
  done
  shift
  # shellcheck disable=SC2086
  tls_server "${flags[@]}" "${query[@]}" "${server[@]}" $options
  openssl s_client "${flags[@]}" "${query[@]}" -connect "127.0.0.1:$PORT" -verify_return_error -ign_eof "$@" \
    <<<$'GET / HTTP/1.0\r\n\r' >client.log 2>&1 || status=$?
  tls_server_stop
  echo "$status: $options, server ${server[*]}, client $*"
  grep -aE 'Verification|Peer signature type|verify error|^HTTP' client.log || true
}
