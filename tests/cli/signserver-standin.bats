#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The stand-in, asked by curl and checked by openssl, which know nothing of it.

load ../helpers/common
load ../helpers/standin

MESSAGE=$'hello\n'
H256=WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=
H384=HQ8oTv4+3qS5yjvVFPoTSxfq42HMx6Hu/v+AG5vWYE4B8h9r8knvAwWZ8MIY8rqM
H512=58IrmUxZ2c8rSOVJseJGZmNgRZMNPafBrLKZ0cO3+TH5Sq5B7dosKyB6NuEPi8uNRSI+VIePWzFufOO2vAGWKQ==
DIGEST_INFO_256=MDEwDQYJYIZIAWUDBAIBBQAEIFiRtbUi1d8IbQ/wsRD72dIbtPxxY6800IKGouhG9r4D
UNFORESEEN="The server were unable to process the request. See server-side logs for more details."
FAILED="Internal server error: SignServerException calling signer with ID"
OFFLINE="org.signserver.common.CryptoTokenOfflineException:"

setup_file() {
  local raw=CLIENTSIDEHASHING=false rsa=key=$BATS_FILE_TMPDIR/rsa.pem arguments=() worker
  # One RSA key for those that are not about keys: it takes a while to make.
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$BATS_FILE_TMPDIR/rsa.pem"
  while read -r worker; do
    arguments+=(--worker "$worker")
  done <<WORKERS
RsaPlain,id=101
PssPlain,$rsa,SIGNATUREALGORITHM=NONEwithRSAandMGF1
EcPlain,id=103,key=p-256
EdPlain,key=ed25519
Ed448Plain,key=ed448
RsaHashing,SIGNATUREALGORITHM=SHA256withRSA
PssHashing,$rsa,SIGNATUREALGORITHM=SHA384withRSAandMGF1
EcHashing,key=p-384,SIGNATUREALGORITHM=SHA512withECDSA
RsaRaw,$rsa,SIGNATUREALGORITHM=NONEwithRSA,$raw
EcRaw,key=p-521,$raw
PssRaw,$rsa,SIGNATUREALGORITHM=NONEwithRSASSA-PSS,$raw
Free,key=p-256,ALLOW_CLIENTSIDEHASHING_OVERRIDE=true
FreeHashing,key=p-256,SIGNATUREALGORITHM=SHA256withECDSA,CLIENTSIDEHASHING=true,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-256
Few,key=p-256,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-256
Many,key=p-256,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-1:SHA224:SHA256:MD5:SHA3-256
ManyRsa,$rsa,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-1:SHA-224:MD5
ManyPss,$rsa,SIGNATUREALGORITHM=NONEwithRSAandMGF1,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-224
Default,$rsa,SIGNATUREALGORITHM=
Locked,key=p-256,AUTHTYPE=UsernamePasswordAuthorizer,user=User:secret:2
Named,key=p-256,AUTHTYPE=org.signserver.server.UsernameAuthorizer,user=User
Guarded,id=12,key=p-256,AUTHTYPE=CLIENTCERT
GuardedUnsaid,key=p-256,AUTHTYPE=
Unguarded,key=p-256,AUTHTYPE=org.example.None
Off,id=13,key=p-256,DISABLED=TRUE
Sleeping,key=p-256,token=offline
Old,id=14,key=p-256,not-before=20250101000000Z,not-after=20260101000000Z
OldUnchecked,key=p-256,not-before=20250101000000Z,not-after=20260101000000Z,CHECKCERTVALIDITY=false
Young,id=18,key=p-256,not-before=21000101000000Z,not-after=21100101000000Z
Worn,id=15,key=p-256,KEYUSAGELIMIT=1
Broken,id=16,key=p-256,ACCEPTED_HASH_DIGEST_ALGORITHMS=
BrokenWord,id=17,key=p-256,CLIENTSIDEHASHING=yes
Unfit,id=19,key=p-256,SIGNATUREALGORITHM=NONEwithRSA
Unknown,id=20,key=p-256,SIGNATUREALGORITHM=WhirlpoolWithRabin
two words & 100%,key=p-256
Counted,key=p-256
WORKERS
  standin_start "${arguments[@]}"
  printf '%s' "$MESSAGE" >"$BATS_FILE_TMPDIR/message"
}

teardown_file() {
  standin_stop
}

# ---- Asking and checking ----

# [CONTENT_TYPE=...] ask PATH BODY [CURL-OPTION...]: $status (of curl), $code, $output (the body), $type.
ask() {
  local path=$1 body=$2
  shift 2
  run --separate-stderr curl -sS --cacert "$SIGNSERVER_CA_CERT_PATH" -o body -w '%{http_code} %{content_type}' \
    -H "Content-Type: ${CONTENT_TYPE-application/json}" --data-binary "$body" "$@" \
    "$SIGNSERVER_HOSTNAME/signserver/rest/v1/workers/$path"
  code=${output%% *}
  type=${output#* }
  output=
  if [ -s body ]; then
    output=$(cat body)
  fi
}

# A request with a digest: its base64 and its name.
digest() {
  printf '{"data":"%s","encoding":"BASE64","metaData":{"USING_CLIENTSUPPLIED_HASH":"true","CLIENTSIDE_HASHDIGESTALGORITHM":"%s"}}' \
    "$1" "$2"
}

# A request with the data itself, in base64.
data() {
  printf '{"data":"%s","encoding":"BASE64","metaData":{"USING_CLIENTSUPPLIED_HASH":"false"}}' "$1"
}

member() {
  jq -r ".$1" <<<"$output"
}

# The answer is a whole one; signature and certificate are then in signature, certificate.pem, public.pem.
assert_signed() {
  assert_success
  assert_equal "$code $type" "200 application/json"
  assert_equal "$(jq -r 'keys_unsorted | join(" ")' <<<"$output")" "archiveId data metaData requestId signerCertificate"
  assert_matches "$(member archiveId)" '[0-9a-f]{40}'
  assert_matches "$(member requestId)" '-?[0-9]{1,10}'
  assert_equal "$(jq -c .metaData <<<"$output")" '{}'
  member data | base64 -d >signature
  member signerCertificate | base64 -d >certificate.der
  openssl x509 -inform DER -in certificate.der -out certificate.pem
  openssl x509 -in certificate.pem -noout -pubkey >public.pem
}

# The signature is one of the message (or of FILE) under the certificate of the answer.
assert_verifies() {
  local file=$BATS_FILE_TMPDIR/message
  if [ "${1:-}" = --of ]; then
    file=$2
    shift 2
  fi
  assert_signed
  run openssl dgst "$@" -verify public.pem -signature signature "$file"
  assert_success
}

assert_refused() {
  assert_success
  assert_equal "$code $type" "$1 application/json"
  assert_equal "$(cat body)" "$(jq -n -c --arg text "$2" '{error: $text}')"
}

# ---- Signatures ----

@test "a digest for NONEwithRSA is signed with its DigestInfo" {
  ask RsaPlain/process "$(digest $H256 SHA-256)"
  assert_verifies -sha256
  ask RsaPlain/process "$(digest $H384 SHA384)"
  assert_verifies -sha384
  ask RsaPlain/process "$(digest $H512 SHA512)"
  assert_verifies -sha512
}

@test "a digest for NONEwithRSAandMGF1 is signed with PSS and a salt of the digest's length" {
  ask PssPlain/process "$(digest $H256 SHA-256)"
  assert_verifies -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32
  ask PssPlain/process "$(digest $H512 SHA-512)"
  assert_verifies -sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:64
}

@test "a digest for NONEwithECDSA is signed, by id, and also when it is longer than the group's order" {
  ask 103/process "$(digest $H256 SHA-256)"
  assert_verifies -sha256
  ask EcPlain/process "$(digest $H512 SHA-512)"
  assert_verifies -sha512
}

@test "a message for EdDSA is signed as it is" {
  local worker
  for worker in EdPlain Ed448Plain; do
    ask $worker/process "$(data "$(base64 <"$BATS_FILE_TMPDIR/message")")"
    assert_signed
    run openssl pkeyutl -verify -rawin -pubin -inkey public.pem -sigfile signature -in "$BATS_FILE_TMPDIR/message"
    assert_success
  done
}

@test "workers that hash sign the message; data without encoding are its UTF-8 bytes" {
  ask RsaHashing/process '{"data":"hello\n","metaData":{"USING_CLIENTSUPPLIED_HASH":"false"}}'
  assert_verifies -sha256
  ask RsaHashing/process '{"data":"gr\u00fc\u00df\u0000e","encoding":"NONE"}'
  printf 'gr\303\274\303\237\0e' >text
  assert_verifies --of text -sha256
  ask PssHashing/process "$(data aGVsbG8K)"
  assert_verifies -sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48
  ask EcHashing/process "$(data aGVsbG8K)"
  assert_verifies -sha512
}

@test "a worker without SIGNATUREALGORITHM signs as SignServer's default for its key" {
  ask Default/process '{"data":"hello\n"}'
  assert_verifies -sha256
}

@test "without client-side hashing NONEwithRSA pads what it is given, and NONEwithECDSA takes it for a digest" {
  ask RsaRaw/process "{\"data\":\"$DIGEST_INFO_256\",\"encoding\":\"BASE64\"}"
  assert_verifies -sha256
  ask RsaRaw/process '{"data":"any bytes"}'
  assert_signed
  openssl pkeyutl -verifyrecover -pubin -inkey public.pem -in signature -out recovered
  assert_equal "$(cat recovered)" "any bytes"
  ask EcRaw/process "$(data $H256)"
  assert_verifies -sha256
  ask EcRaw/process '{"data":""}'
  assert_signed
}

@test "a digest for a worker that hashes is hashed again" {
  ask FreeHashing/process "$(digest $H256 SHA-256)"
  base64 -d <<<$H256 >digest
  assert_verifies --of digest -sha256
}

@test "with ALLOW_CLIENTSIDEHASHING_OVERRIDE the request chooses, and else the worker" {
  ask Free/process "$(digest $H256 SHA-256)"
  assert_verifies -sha256
  ask Free/process "$(data $H384)"
  assert_verifies -sha384
  ask Free/process "{\"data\":\"$H256\",\"encoding\":\"BASE64\",\"metaData\":{\"CLIENTSIDE_HASHDIGESTALGORITHM\":\"SHA-256\"}}"
  assert_verifies -sha256
  ask Free/process "{\"data\":\"$H384\",\"encoding\":\"BASE64\",\"metaData\":{\"USING_CLIENTSUPPLIED_HASH\":\"1\"}}"
  assert_verifies -sha384
}

@test "workers of the same kind have different keys, and the certificate in the answer is the file's" {
  ask RsaPlain/process "$(digest $H256 SHA-256)"
  assert_signed
  cp public.pem first.pem
  assert_same_file <(openssl x509 -in "$STANDIN/RsaPlain.pem") certificate.pem
  assert_same_file <(openssl pkey -in "$STANDIN/RsaPlain.key" -pubout) public.pem
  ask RsaHashing/process "$(data aGVsbG8K)"
  assert_signed
  run cmp first.pem public.pem
  assert_failure 1
}

@test "ids are what Integer.parseInt takes, names are everything else and respect case" {
  local path
  for path in 103 +103 000103 %31%30%33 EcPlain 'EcPlain;a=b' E%63Plain two%20words%20%26%20100%25; do
    ask "$path/process" "$(digest $H256 SHA-256)"
    assert_equal "$path $code" "$path 200"
  done
  ask ecplain/process "$(digest $H256 SHA-256)"
  assert_refused 404 "No such worker: ecplain"
  ask 0104/process "$(digest $H256 SHA-256)"
  assert_refused 404 "No such worker: 104"
  ask -2147483648/process "$(digest $H256 SHA-256)"
  assert_refused 404 "No such worker: -2147483648"
  ask 2147483648/process "$(digest $H256 SHA-256)"
  assert_refused 404 "No such worker: 2147483648"
  ask a%2Fb/process "$(digest $H256 SHA-256)"
  assert_refused 404 "No such worker: a/b"
}

# ---- Refusals ----

@test "what is asked of a worker that does not do it is refused in SignServer's words" {
  ask Nobody/process "$(digest $H256 SHA-256)"
  assert_refused 404 "No such worker: Nobody"
  ask Few/process "$(digest $H384 SHA-384)"
  assert_refused 400 "Client specified a non-accepted digest hash algorithm"
  ask RsaPlain/process "$(digest $H256 SHA-1)"
  assert_refused 400 "Client specified a non-accepted digest hash algorithm"
  ask RsaPlain/process "$(digest $H384 SHA-256)"
  assert_refused 400 "Input length doesn't match hash digest algorithm specified through request metadata"
  ask EdPlain/process "$(digest $H256 SHA-256)"
  assert_refused 400 "Client-side hashing requested but not allowed"
  ask RsaPlain/process "$(data aGVsbG8K)"
  assert_refused 400 "Server-side hashing requested but not allowed"
  ask PssRaw/process "$(data aGVsbG8K)"
  assert_refused 400 \
    "NONEwithRSAandMGF1 is not supported without the request metadata properties for client-side hashing"
}

@test "a digest that is not named as the server names it is refused" {
  local name
  for name in sha256 sha-256 SHA_256 SHA2-256 SHA-512/256 MD-5 ' SHA-256' ''; do
    ask RsaPlain/process "$(digest $H256 "$name")"
    assert_refused 400 "Client-side hashing request must specify hash algorithm used"
  done
  ask RsaPlain/process "{\"data\":\"$H256\",\"encoding\":\"BASE64\"}"
  assert_refused 400 "Client-side hashing request must specify hash algorithm used"
}

@test "digests that the real server stumbles over end as they do there" {
  local md5 sha1 sha224
  md5=$(openssl dgst -md5 -binary "$BATS_FILE_TMPDIR/message" | base64)
  sha1=$(openssl dgst -sha1 -binary "$BATS_FILE_TMPDIR/message" | base64)
  sha224=$(openssl dgst -sha224 -binary "$BATS_FILE_TMPDIR/message" | base64)
  ask Many/process "$(digest "$md5" MD5)"
  assert_verifies -md5
  ask Many/process "$(digest "$sha1" SHA1)"
  assert_verifies -sha1
  ask Many/process "$(digest "$sha224" SHA-224)"
  assert_verifies -sha224
  ask Many/process "$(digest $H256 SHA3-256)"
  assert_refused 500 "$UNFORESEEN"
  ask ManyRsa/process "$(digest "$sha1" SHA-1)"
  assert_verifies -sha1
  ask ManyRsa/process "$(digest "$sha224" SHA-224)"
  assert_refused 500 "$UNFORESEEN"
  ask ManyRsa/process "$(digest "$md5" MD5)"
  assert_refused 500 "$UNFORESEEN"
  ask ManyPss/process "$(digest "$sha224" SHA-224)"
  assert_matches "$(member error)" "$FAILED [0-9]+ : Error initializing signer"
}

@test "a request that cannot be read is refused" {
  local body
  for body in 'not JSON' '' '[]' '5' '{"data":5}' '{"data":{}}' '{"data":"","encoding":"base64"}' '{"data":"","encoding":1}' \
    '{"data":"","metaData":[]}' '{"data":"","metaData":{"a":{}}}' '{"data":"\ud800"}' $'{"data":"\xff"}'; do
    ask RsaPlain/process "$body"
    assert_refused 500 "$UNFORESEEN"
  done
  for body in '{}' '{"metaData":{}}' '{"data":null,"encoding":null,"metaData":null}'; do
    ask Nobody/process "$body"
    assert_refused 400 "Missing data in request"
  done
}

@test "base64 is read strictly, except for white space" {
  local text
  for text in @@@@ "${H256%=}" "${H256}=" "${H256//+/-}-_" "$H256$H256" A AA AAA A=== ==== AA=A 'AAA\u0000'; do
    ask Nobody/process "$(digest "$text" SHA-256)"
    assert_refused 500 "Incorrect base64 data"
  done
  ask RsaPlain/process "$(digest " ${H256:0:7}\\n\\t${H256:7} \\r\\n" SHA-256)"
  assert_verifies -sha256
}

@test "unknown members and a boolean in the metadata are accepted" {
  ask RsaPlain/process "{\"WorkerName\":1,\"data\":\"$H256\",\"encoding\":\"BASE64\",\"metaData\":
    {\"USING_CLIENTSUPPLIED_HASH\":true,\"CLIENTSIDE_HASHDIGESTALGORITHM\":\"SHA-256\",\"FILENAME\":null}}"
  assert_verifies -sha256
}

@test "another path, method or media type is unforeseen below the REST root, and a page elsewhere" {
  ask RsaPlain/process "$(digest $H256 SHA-256)" -X PUT
  assert_refused 500 "$UNFORESEEN"
  CONTENT_TYPE=text/plain ask RsaPlain/process "$(digest $H256 SHA-256)"
  assert_refused 500 "$UNFORESEEN"
  ask RsaPlain/process "$(digest $H256 SHA-256)" -H 'Accept: text/html'
  assert_refused 500 "$UNFORESEEN"
  CONTENT_TYPE='Application/JSON; charset=UTF-8' ask RsaPlain/process "$(digest $H256 SHA-256)" -H 'Accept: application/json'
  assert_signed
  local path
  for path in RsaPlain RsaPlain/process/ /process %/process %zz/process %00/process RsaPlain/nothing; do
    ask "$path" "$(digest $H256 SHA-256)"
    assert_refused 500 "$UNFORESEEN"
  done
  for path in . ../../v2 ../../../elsewhere; do
    ask "$path/process" "$(digest $H256 SHA-256)" --path-as-is
    [[ $code = 500 || $code = 404 ]]
  done
}

@test "multipart without X-Keyfactor-Requested-With is forbidden" {
  CONTENT_TYPE='multipart/form-data; boundary=b' ask RsaPlain/process x
  assert_refused 403 "Access is forbidden!"
}

@test "a body over 10 MiB is too large, announced or not" {
  { printf '{"data":"'; head -c 10485760 /dev/zero | tr '\0' A; printf '"}'; } >large
  ask RsaPlain/process @large
  assert_equal "$code" 413
  ask RsaPlain/process @large -H 'Transfer-Encoding: chunked' -H 'Expect:'
  assert_equal "$code" 413
  head -c 9000000 large >almost
  printf '"}' >>almost
  ask RsaHashing/process @almost
  assert_signed
}

@test "workers out of order are refused in SignServer's words" {
  local body
  body=$(digest $H256 SHA-256)
  ask Off/process "$body"
  assert_refused 503 "Error Signer : Worker{name: Off} is disabled and cannot perform any signature operations"
  ask 13/process "$body"
  assert_refused 503 "Error Signer : Worker{id: 13} is disabled and cannot perform any signature operations"
  ask Sleeping/process "$body"
  assert_refused 503 "$OFFLINE Signtoken isn't active."
  ask Old/process "$body"
  assert_refused 503 "$OFFLINE Error Signer Worker{id: 14} expired at Thu Jan 01 00:00:00 UTC 2026"
  ask OldUnchecked/process "$body"
  assert_signed
  ask Young/process "$body"
  assert_refused 503 "$OFFLINE Error Signer Worker{id: 18} is not valid until Fri Jan 01 00:00:00 UTC 2100"
  ask Broken/process "$body"
  assert_refused 500 "$FAILED 16 : Worker is misconfigured"
  ask BrokenWord/process "$body"
  assert_refused 500 "$FAILED 17 : Worker is misconfigured"
  ask Unfit/process "$body"
  assert_refused 500 "$FAILED 19 : Error initializing signer"
  ask Unknown/process "$(data aGVsbG8K)"
  assert_refused 500 "$UNFORESEEN"
  ask Worn/process "$body"
  assert_signed
  ask Worn/process "$body"
  assert_refused 503 "Key usage limit exceeded or not initialized for worker 15"
}

# ---- Who may sign ----

@test "a worker with a password wants it unasked, the name in any case, the password exactly" {
  local body
  body=$(digest $H256 SHA-256)
  ask Locked/process "$body" -D headers
  assert_refused 401 "Username/password authentication required"
  run grep -i www-authenticate headers
  assert_failure
  ask Locked/process "$body" -u user:wrong
  assert_refused 401 "Authentication denied"
  ask Locked/process "$body" -u user:SECRET:2
  assert_refused 401 "Authentication denied"
  ask Locked/process "$body" -u user:secret:2
  assert_signed
  ask Locked/process "$body" -H 'Authorization: basic dXNlcjpzZWNyZXQ6Mg=='
  assert_signed
  ask Locked/process "$body" -H 'Authorization: Bearer dXNlcjpzZWNyZXQ6Mg=='
  assert_refused 401 "Username/password authentication required"
  ask Locked/process "$body" -H 'Authorization: Basic dXNlcg=='
  assert_refused 401 "Username/password authentication required"
  ask Locked/process "$body" -H 'Authorization: Basic %%%'
  assert_refused 500 "$UNFORESEEN"
}

@test "a worker with names looks at the name alone" {
  ask Named/process "$(digest $H256 SHA-256)"
  assert_refused 401 "Username required"
  ask Named/process "$(digest $H256 SHA-256)" -u user:any
  assert_refused 401 "Authentication denied"
  ask Named/process "$(digest $H256 SHA-256)" -u User:any
  assert_signed
}

@test "a worker with client certificates takes those of the CA, and says who else came" {
  local body serial
  body=$(digest $H256 SHA-256)
  ask Guarded/process "$body"
  assert_refused 400 "Authorization failed: Error, client authentication is required."
  ask GuardedUnsaid/process "$body"
  assert_refused 400 "Authorization failed: Error, client authentication is required."
  ask Guarded/process "$body" --cert "$SIGNSERVER_CLIENT_CERT_PATH" --key "$SIGNSERVER_CLIENT_CERT_KEY_PATH"
  assert_signed
  ask Guarded/process "$body" --cert "$STANDIN/stranger.pem" --key "$STANDIN/stranger.key"
  serial=$(openssl x509 -in "$STANDIN/stranger.pem" -noout -serial | tr A-F a-f)
  assert_refused 400 "Authorization failed: Worker 12: Client is not authorized: \"CN=stranger,O=SignServer stand-in\", \
\"${serial#serial=}, CN=Another CA,O=SignServer stand-in\""
}

@test "an AUTHTYPE that cannot be loaded is a failure of the server" {
  ask Unguarded/process "$(digest $H256 SHA-256)"
  assert_refused 500 "Internal server error: Authorization failed: Authorization misconfigured"
}

@test "with --client-cert require TLS itself refuses, with an alert that says why" {
  local version
  standin_start_in required --client-cert require --worker W,key=p-256
  for version in 1.2 1.3; do
    ask W/process "$(digest $H256 SHA-256)" --tls-max $version
    assert_failure
    assert_contains alert
    ask W/process "$(digest $H256 SHA-256)" --tls-max $version --cert "$STANDIN/stranger.pem" --key "$STANDIN/stranger.key"
    assert_failure
    assert_contains "unknown ca"
    ask W/process "$(digest $H256 SHA-256)" --tls-max $version --cert "$STANDIN/client.pem" --key "$STANDIN/client.key"
    assert_signed
  done
  assert_equal "$(standin_requests)" 2
  standin_stop
}

@test "with --client-cert none nobody is asked for a certificate" {
  standin_start_in unasked --client-cert none --worker W,key=p-256,AUTHTYPE=CLIENTCERT
  ask W/process "$(digest $H256 SHA-256)" --cert "$STANDIN/client.pem" --key "$STANDIN/client.key"
  assert_refused 400 "Authorization failed: Error, client authentication is required."
  standin_stop
}

@test "clients that trust another CA, speak TLS 1.1, or expect another name do not connect" {
  ask RsaPlain/process "$(digest $H256 SHA-256)" --cacert "$STANDIN/other-ca.pem"
  assert_failure 60
  ask RsaPlain/process "$(digest $H256 SHA-256)" --tlsv1.0 --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0
  assert_failure 35
  standin_start_in misnamed --server-name elsewhere.example --worker W,key=p-256
  ask W/process "$(digest $H256 SHA-256)"
  assert_failure 60
  standin_stop
}

# ---- The rest of the server ----

@test "the health check says ALLOK, to GET and to POST" {
  run curl -sS --cacert "$SIGNSERVER_CA_CERT_PATH" "$SIGNSERVER_HOSTNAME/signserver/healthcheck/signserverhealth"
  assert_output ALLOK
  run curl -sS --cacert "$SIGNSERVER_CA_CERT_PATH" -d x -w ' %{content_type}' \
    "$SIGNSERVER_HOSTNAME/signserver/healthcheck/signserverhealth"
  assert_output 'ALLOK text/plain'
}

@test "requests.jsonl has a line for each request to a worker, with its connection" {
  local url=$SIGNSERVER_HOSTNAME/signserver/rest/v1/workers/Counted/process
  curl -sS --cacert "$SIGNSERVER_CA_CERT_PATH" --cert "$STANDIN/client.pem" --key "$STANDIN/client.key" \
    -H 'Content-Type: application/json' -H 'X-Keyfactor-Requested-With: test' -d "$(digest $H256 SHA-256)" "$url" "$url" "$url" \
    >/dev/null
  ask Counted/process '{}'
  assert_equal "$(standin_requests Counted)" 4
  assert_equal "$(standin_connections Counted)" 2
  assert_equal "$(standin_last_request Counted | jq -c '[.status, .length, .client, .authorization, .requestedWith]')" '[400,null,null,null,null]'
  assert_equal "$(jq -s -c 'map(select(.worker == "Counted"))[0] | del(.connection)' "$STANDIN/requests.jsonl")" \
    "{\"authorization\":null,\"client\":\"client\",\"data\":\"$H256\",\"length\":32,\"metaData\":{\"CLIENTSIDE_HASHDIGESTALGORITHM\":\"SHA-256\",\
\"USING_CLIENTSUPPLIED_HASH\":\"true\"},\"requestedWith\":\"test\",\"status\":200,\"worker\":\"Counted\"}"
}

@test "eight clients at a time are served" {
  local body
  body=$(digest $H256 SHA-256)
  run curl -sS --parallel --parallel-immediate --parallel-max 8 --cacert "$SIGNSERVER_CA_CERT_PATH" -H 'Content-Type: application/json' \
    -d "$body" -o /dev/null -w '%{http_code}\n' "$SIGNSERVER_HOSTNAME/signserver/rest/v1/workers/EcPlain/process?[1-64]"
  assert_success
  assert_equal "$(grep -c '^200$' <<<"$output")" 64
}

@test "malformed HTTP does not harm the server" {
  local text
  standin_start_in plain --http --worker W,key=p-256
  for text in 'GET' $'GET / HTTP/9.9\r\n\r\n' $'POST /signserver/rest/v1/workers/W/process HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n' \
    $'\x16\x03\x01\x02\x00\x01' $'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n' $'GET /%%%00 HTTP/1.0\r\n\r\n' \
    $'POST /signserver/rest/v1/workers/W/process HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{'; do
    printf '%s' "$text" >"/dev/tcp/127.0.0.1/$(cat "$STANDIN/port")"
  done
  head -c 100000 /dev/urandom >noise
  run curl -sS --data-binary @noise -H 'Content-Type: application/json' "$SIGNSERVER_HOSTNAME/signserver/rest/v1/workers/W/process"
  assert_contains "$UNFORESEEN"
  printf '{"data":%s' "$(printf '%0100000d' 0 | tr 0 '[')" >deep
  run curl -sS --data-binary @deep -H 'Content-Type: application/json' "$SIGNSERVER_HOSTNAME/signserver/rest/v1/workers/W/process"
  assert_contains "$UNFORESEEN"
  ask W/process "$(digest $H256 SHA-256)"
  assert_signed
  standin_stop
}

# ---- Faults ----

# One server with a worker for each fault, and the same body for all.
@test "faults that change the answer keep it an answer" {
  local body
  body=$(digest $H256 SHA-256)
  standin_start_in faulty --worker text,key=p-256,fault='status:503:no\, not now' --worker silent,key=p-256,fault=status:413 \
    --worker page,key=p-256,fault=html:502 --worker elsewhere,key=p-256,fault=redirect --worker words,key=p-256,fault=not-json \
    --worker nothing,key=p-256,fault=empty-body --worker type,key=p-256,fault=wrong-type --worker deep,key=p-256,fault=deep-json \
    --worker twice,key=p-256,fault=duplicate-key --worker dataless,key=p-256,fault=missing-data \
    --worker coded,key=p-256,fault=bad-base64 --worker bare,key=p-256,fault=missing-certificate \
    --worker null,key=p-256,fault=null-certificate --worker garbage,key=p-256,fault=garbage-certificate \
    --worker empty,key=p-256,fault=empty-signature --worker refusing,key=p-256,fault=missing-data,DISABLED=true

  ask text/process "$body"
  assert_refused 503 "no, not now"
  ask silent/process "$body"
  assert_equal "$code $type $output" "413 application/json {}"
  ask page/process "$body"
  assert_equal "$code $type $output" "502 text/html <html><body><h1>502 Bad Gateway</h1></body></html>"
  ask elsewhere/process "$body" -D headers
  assert_equal "$code $output" "302 "
  grep -qi '^location: https://elsewhere.invalid/' headers
  ask words/process "$body"
  assert_equal "$code $type" "200 application/json"
  run jq . body
  assert_failure
  ask nothing/process "$body"
  assert_equal "$code $output" "200 "
  ask type/process "$body"
  assert_equal "$(jq '.data | type' body)" '"number"'
  ask deep/process "$body"
  assert_contains "$(printf '%050000d' 0 | tr 0 '[')"
  ask twice/process "$body"
  assert_equal "$(grep -o '"data"' body | wc -l)" 2
  ask dataless/process "$body"
  assert_equal "$(jq -c 'keys' body)" '["archiveId","metaData","requestId","signerCertificate"]'
  ask coded/process "$body"
  assert_equal "$(member data)" '***'
  ask bare/process "$body"
  assert_equal "$(jq -c 'keys' body)" '["archiveId","data","metaData","requestId"]'
  ask null/process "$body"
  assert_equal "$(jq -c '[.archiveId, .metaData, .signerCertificate, .later]' body)" '[null,null,null,{"x":[1,2]}]'
  ask garbage/process "$body"
  member signerCertificate | base64 -d >garbage.der
  run openssl x509 -inform DER -in garbage.der
  assert_failure
  ask empty/process "$body"
  assert_equal "$(member data)" ''
  ask refusing/process "$body"
  assert_refused 503 "Error Signer : Worker{name: refusing} is disabled and cannot perform any signature operations"
  standin_stop
}

# The answer is whole, and the signature is not one of the message under the certificate.
assert_lies() {
  assert_signed
  run openssl dgst -sha256 -verify public.pem -signature signature "$BATS_FILE_TMPDIR/message"
  assert_failure
}

@test "faults that lie give a signature that does not verify, except for another key that is consistent" {
  local body worker
  body=$(digest $H256 SHA-256)
  standin_start_in lying --worker bad-rsa,fault=bad-signature --worker bad,key=p-256,fault=bad-signature \
    --worker signature,key=p-256,fault=other-signature --worker certificate,key=p-384,fault=other-certificate \
    --worker key,key=p-256,fault=after-1:other-key --worker raw,CLIENTSIDEHASHING=false,fault=other-signature
  for worker in bad-rsa bad signature certificate; do
    ask $worker/process "$body"
    assert_lies
  done
  assert_equal "$(openssl pkey -pubin -in public.pem -noout -text | grep -c 'NIST CURVE: P-384')" 1
  ask raw/process "{\"data\":\"$DIGEST_INFO_256\",\"encoding\":\"BASE64\"}"
  assert_lies
  ask key/process "$body"
  assert_verifies -sha256
  cp public.pem before.pem
  ask key/process "$body"
  assert_verifies -sha256
  run cmp before.pem public.pem
  assert_failure 1
  standin_stop
}

@test "faults of delivery: reset, cut, slow, endless, late" {
  local body
  body=$(digest $H256 SHA-256)
  standin_start_in failing --worker reset,key=p-256,fault=reset --worker cut,key=p-256,fault=cut --worker huge,key=p-256,fault=huge \
    --worker slow,key=p-256,fault=slow-body:100 --worker late,key=p-256,fault=delay:60000 --worker soon,key=p-256,fault=delay:100
  ask reset/process "$body"
  assert_failure 56
  assert_contains "reset by peer"
  assert_equal "$(standin_last_request reset | jq .status)" 0
  ask cut/process "$body"
  assert_failure 18
  assert_equal "$code" 200
  run bash -c 'curl -sS --cacert "$SIGNSERVER_CA_CERT_PATH" -H "Content-Type: application/json" -d "$1" "$2" | head -c 2000000 | wc -c' - \
    "$body" "$SIGNSERVER_HOSTNAME/signserver/rest/v1/workers/huge/process"
  assert_contains 2000000
  ask slow/process "$body" -m 1
  assert_failure 28
  assert_equal "$code" 200
  ask late/process "$body" -m 0.3
  assert_failure 28
  assert_equal "$code" 000
  ask soon/process "$body"
  assert_verifies -sha256
  standin_stop # at once, although `late` has 59 seconds to go
}

@test "a fault with first-N stops after N requests, one with after-N begins there; several add up" {
  local codes=
  standin_start_in counting --worker W,key=p-256,fault=first-2:status:503,fault=after-3:status:500:x
  for _ in 1 2 3 4; do
    ask W/process "$(digest $H256 SHA-256)"
    codes+="$code "
  done
  assert_equal "$codes" "503 503 200 500 "
  standin_stop
}

# ---- Starting and stopping ----

@test "without a worker there is the one of Mender's documentation" {
  standin_start_in usual
  ask MenderPlainSigner/process "$(digest $H256 SHA-256)"
  assert_verifies -sha256
  ask 1/process "$(digest $H512 SHA-512)"
  assert_verifies -sha512
  ask 1/process "$(data aGVsbG8K)"
  assert_refused 400 "Server-side hashing requested but not allowed"
  standin_stop
}

@test "workers come from a JSON file, keys and certificates from PEM files" {
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out own.key
  openssl req -new -x509 -key own.key -subj /CN=own -out own.pem
  cat >workers.json <<'JSON'
[{"name": "own", "id": 7, "key": "own.key", "cert": "own.pem", "CLIENTSIDEHASHING": true,
  "ACCEPTED_HASH_DIGEST_ALGORITHMS": ["SHA-256", "SHA-384, SHA-512"], "fault": ["after-3:reset"]},
 {"name": "misfit", "key": "p-256", "cert": "own.pem"}]
JSON
  standin_start_in files --workers workers.json --worker another,key=p-256
  ask 7/process "$(digest $H256 SHA-256)"
  assert_verifies -sha256
  ask own/process "$(digest $H512 SHA-512)"
  assert_verifies -sha512
  assert_same_file own.pem <(openssl x509 -in "$STANDIN/own.pem")
  assert_same_file own.pem certificate.pem
  ask misfit/process "$(digest $H256 SHA-256)"
  assert_lies
  ask another/process "$(digest $H256 SHA-256)"
  assert_verifies -sha256
  standin_stop
}

@test "the directory is the owner's alone, and so are the keys in it" {
  standin_start_in private --worker W,key=p-256
  assert_equal "$(stat -c %a private)" 700
  assert_directory private W.key W.pem ca.crl ca.pem client.key client.pem env expired.crl log other-ca.pem pid port requests.jsonl revoked.crl server.key \
    server.pem stranger.key stranger.pem url
  assert_equal "$(stat -c %a private/*.key | sort -u)" 600
  assert_equal "$(cat private/url)" "https://localhost:$(cat private/port)"
  assert_equal "$SIGNSERVER_CA_CERT_PATH" "$PWD/private/ca.pem"
  standin_stop
  assert_directory private W.key W.pem ca.crl ca.pem client.key client.pem expired.crl log other-ca.pem requests.jsonl revoked.crl server.key server.pem \
    stranger.key stranger.pem
}

@test "a directory that others may write to, or that a server has, is refused" {
  mkdir -m 777 open
  run --separate-stderr signserver-standin --background --directory open --worker W,key=p-256
  assert_failure 1
  assert_contains "others may write to this directory"
  assert_directory open
  standin_start_in taken --worker W,key=p-256
  run --separate-stderr signserver-standin --background --directory taken --worker W,key=p-256
  assert_failure 1
  assert_contains "a server runs in this directory already"
  ask W/process "$(digest $H256 SHA-256)"
  assert_signed
  standin_stop
  standin_start_in taken --worker W,key=p-256
  standin_stop
}

@test "--stop waits until the server has gone, and says when there is none" {
  local pid
  standin_start_in running --worker W,key=p-256
  pid=$(cat running/pid)
  kill -0 "$pid"
  run signserver-standin --stop --directory running
  assert_success
  assert_output ""
  [ ! -e "/proc/$pid" ] || grep -q '^State:.Z' "/proc/$pid/status"
  run signserver-standin --stop --directory running
  assert_failure 1
  assert_contains "no server runs in this directory"
  echo $$ >running/pid
  run signserver-standin --stop --directory running
  assert_failure 1
}

@test "the command form sets the variables, returns the command's status, and leaves nothing behind" {
  mkdir temporary
  export TMPDIR=$PWD/temporary
  run --separate-stderr signserver-standin --worker W,key=p-256 -- \
    bash -c 'curl -sS --cacert "$SIGNSERVER_CA_CERT_PATH" "$SIGNSERVER_HOSTNAME/signserver/healthcheck/signserverhealth"
      echo " $1"; ls "$SIGNSERVER_STANDIN/W.pem" "$SIGNSERVER_CLIENT_CERT_PATH" "$SIGNSERVER_CLIENT_CERT_KEY_PATH" | wc -l
      exit 7' - 'an argument'
  assert_failure 7
  assert_output $'ALLOK an argument\n3'
  assert_contains "NOT FOR PRODUCTION"
  assert_directory temporary
  run signserver-standin --worker W,key=p-256 -- sh -c 'kill -9 $$'
  assert_failure 137
  run -127 signserver-standin --worker W,key=p-256 -- ./no-such-command
  assert_contains "cannot run './no-such-command': No such file or directory"
  assert_directory temporary
}

@test "SIGTERM ends a server in the foreground and its command, and its temporary directory goes" {
  mkdir temporary
  export TMPDIR=$PWD/temporary
  mkfifo started
  signserver-standin --worker W,key=p-256 -- sh -c 'echo here >started; exec tail -f /dev/null' 3>&- &
  read -r _ <started
  kill $!
  status=0
  wait $! || status=$?
  assert_equal $status 143
  assert_directory temporary
}

@test "the caller's openssl.cnf is not the server's" {
  echo 'openssl_conf = nonsense' >broken.cnf
  OPENSSL_CONF=broken.cnf standin_start_in configured --worker W,key=p-256
  ask W/process "$(digest $H256 SHA-256)"
  assert_signed
  standin_stop
}

@test "what is not loopback is warned of" {
  run --separate-stderr signserver-standin --listen 0.0.0.0 --worker W,key=p-256 -- true
  assert_success
  assert_contains "warning: 0.0.0.0 can be reached from other machines"
  run --separate-stderr signserver-standin --listen ::1 --worker W,key=p-256 -- true
  refute_contains warning
}

@test "mistakes on the command line are named" {
  local -A mistakes=(
    [--nothing]="'--nothing' is no option"
    [--http=1]="--http takes no value"
    [--port=65536]="'65536' is no port number"
    [--port=-1]="'-1' is no port number"
    [--port]="--port: N is missing"
    [--listen=localhost]="localhost: not an IP address"
    [--client-cert=maybe]="'maybe' is none of request, require, none"
    [--server-name=a,b]="'a,b' is no host name"
    [--stop]="--directory says so"
    [--]="no command after '--'"
    [--workers=none.json]="signserver-standin: unable to open none.json: No such file or directory"
    [--worker=]="no name"
    [--worker=W,key]="'key' is not SETTING=VALUE"
    [--worker=W,colour=red]="there is no setting 'colour'"
    [--worker=W,id=1,id=2]="'id' is there too often"
    [--worker=W,id=0]="id '0' is no number from 1"
    [--worker=W,key=rsa-1]="neither a PEM file that can be read"
    [--worker=ca,key=p-256]="the files of this name are other ones"
    [--worker=W,key=p-256,fault=nap]="there is no such fault"
    [--worker=W,key=p-256,fault=delay]="its form is delay:MILLISECONDS"
    [--worker=W,key=p-256,fault=delay:0]="its form is delay:MILLISECONDS"
    [--worker=W,key=p-256,fault=reset:1]="its form is reset"
    [--worker=W,key=p-256,fault=status:99]="its form is status:CODE[:TEXT]"
    [--worker=W,key=p-256,fault=first-x:reset]="there is no such fault"
    [--worker=W,key=p-256,not-after=soon]="cannot make a certificate for 'W'"
  )
  local option
  for option in "${!mistakes[@]}"; do
    run --separate-stderr signserver-standin "$option" </dev/null
    assert_failure 1
    assert_contains "${mistakes[$option]}"
  done
  run --separate-stderr signserver-standin --worker W --worker W
  assert_failure 1
  assert_contains "there are two of this name"
  run --separate-stderr signserver-standin --worker V,id=5,key=p-256 --worker W,id=5,key=p-256
  assert_failure 1
  assert_contains "there are two of the id 5"
}

@test "--help says that it is not for production, and lists what the manual lists" {
  local word
  run signserver-standin --help
  assert_success
  assert_contains "NOT FOR PRODUCTION"
  mandoc -T ascii "$TESTS/../docs/signserver-standin.1" | sed 's/.\x08//g' >manual
  while read -r word; do
    grep -qF -- "$word" manual || complain "the manual does not have $word"
  done < <(sed -nE 's/^  (--)?([A-Za-z_-]+).*/\1\2/p' <<<"$output")
  run signserver-standin --version
  assert_matches "$output" 'signserver-standin [0-9.]+'
}
