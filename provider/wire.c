// SPDX-License-Identifier: Apache-2.0
#include "wire.h"

#include <string.h>

void ss_process_answer_clear(struct ss_process_answer *answer)
{
    ss_buffer_clear(&answer->signature);
    X509_free(answer->certificate);
    *answer = (struct ss_process_answer){0};
}

/* What a refusal means. The first row whose status (0: any) and words (NULL: any) fit decides. */
static const struct {
    long status;
    const char *words;
    enum ss_reason reason;
    enum ss_refusal refusal;
    const char *hint;
} refusals[] = {
    {400, "Client-side hashing requested but not allowed", SS_R_UNSUPPORTED,
     SS_REFUSAL_CLIENT_HASHING,
     "set CLIENTSIDEHASHING or ALLOW_CLIENTSIDEHASHING_OVERRIDE of the worker to true"},
    {400, "Server-side hashing requested but not allowed", SS_R_UNSUPPORTED,
     SS_REFUSAL_SERVER_HASHING,
     "set CLIENTSIDEHASHING of the worker to false or ALLOW_CLIENTSIDEHASHING_OVERRIDE to true"},
    {400, "non-accepted digest", SS_R_UNSUPPORTED, SS_REFUSAL_DIGEST,
     "add the digest to ACCEPTED_HASH_DIGEST_ALGORITHMS of the worker"},
    {400, "must specify hash algorithm", SS_R_UNSUPPORTED, SS_REFUSAL_DIGEST,
     "the server does not know the digest"},
    {500, "Error initializing signer", SS_R_SERVER, SS_REFUSAL_DIGEST,
     "the key of the worker, its SIGNATUREALGORITHM and the digest do not fit"},
    {400, "client authentication is required", SS_R_AUTHENTICATION, SS_REFUSAL_NONE,
     "set client-cert (SIGNSERVER_CLIENT_CERT_PATH) to the certificate of a client that may use "
     "the worker"},
    {400, "Client is not authorized", SS_R_AUTHENTICATION, SS_REFUSAL_NONE,
     "add this client to the worker's authorized clients, or use the certificate of another one in "
     "client-cert "
     "(SIGNSERVER_CLIENT_CERT_PATH)"},
    {400, "Authorization failed", SS_R_AUTHENTICATION, SS_REFUSAL_NONE,
     "see AUTHTYPE of the worker"},
    {401, NULL, SS_R_AUTHENTICATION, SS_REFUSAL_NONE,
     "see AUTHTYPE of the worker, and the settings username and password-file, or "
     "bearer-token-file"},
    {403, NULL, SS_R_AUTHENTICATION, SS_REFUSAL_NONE,
     "see what the server, or a proxy before it, asks of its clients"},
    {404, "No such worker", SS_R_NO_SUCH_WORKER, SS_REFUSAL_NONE,
     "check the name, capitals included, or use the worker's number"},
    {404, "Worker Not Found", SS_R_NO_SUCH_WORKER, SS_REFUSAL_NONE,
     "check the name, capitals included, or use the worker's number"},
    {404, NULL, SS_R_REFUSED, SS_REFUSAL_NONE,
     "check host and path of the setting url (SIGNSERVER_HOSTNAME); the REST interface needs "
     "SignServer 6.0, older ones are asked with interface = http"},
    {413, NULL, SS_R_REFUSED, SS_REFUSAL_NONE,
     "the message is larger than the server takes; a worker with CLIENTSIDEHASHING needs only its "
     "digest"},
    {503, "is disabled", SS_R_SERVER, SS_REFUSAL_NONE, "set DISABLED of the worker to FALSE"},
    {503, "Key usage limit exceeded", SS_R_SERVER, SS_REFUSAL_NONE,
     "see KEYUSAGELIMIT and DISABLEKEYUSAGECOUNTER of the worker"},
    {503, "isn't active", SS_R_SERVER, SS_REFUSAL_NONE, "activate the worker's crypto token"},
    {503, "expired at", SS_R_SERVER, SS_REFUSAL_NONE, "renew the worker's certificate"},
    {500, "misconfigured", SS_R_SERVER, SS_REFUSAL_NONE,
     "see the errors in the worker's status on the server"},
};

bool ss_wire_refuse(struct ss_process_answer *answer, long status, const char *words,
                    struct ss_error *error)
{
    enum ss_reason reason = status >= 500 ? SS_R_SERVER : SS_R_REFUSED;
    const char *hint = NULL;

    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (refusals[i].status != status ||
            (refusals[i].words != NULL && strstr(words, refusals[i].words) == NULL))
            continue;
        reason = refusals[i].reason;
        hint = refusals[i].hint;
        answer->refusal = refusals[i].refusal;
        break;
    }
    return ss_fail(error, reason, "HTTP %ld: %s%s%s%s", status, words, hint == NULL ? "" : " (",
                   hint == NULL ? "" : hint, hint == NULL ? "" : ")");
}
