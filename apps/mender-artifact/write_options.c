// SPDX-License-Identifier: Apache-2.0
#include "write_options.h"

#include "interruption.h"
#include "key_options.h"
#include "output_option.h"
#include "progress.h"
#include "size_limit.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_EXTRA_PAIRS = 1, /* the software's version */
    MAX_EXTRA_CLEARS = 3,
    MAX_DIGITS = 3,
};

const struct option write_options[] = {
    {"artifact-name", 'n', OPTION_TEXT, "NAME", "Name of the artifact", true},
    {"compatible-types", 'c', OPTION_LIST, "TYPE", "Type of device that it is for; may be repeated",
     false},
    {"device-type", 't', OPTION_LIST, "TYPE", "Deprecated: the same as --compatible-types", false},
    {"output-path", 'o', OPTION_TEXT, "FILE",
     "Where to write it; - is standard output (default: artifact.mender)", false},
    {"version", 'v', OPTION_TEXT, "N", "Version of the format (default: 3)", false},
    {"artifact-name-depends", 'N', OPTION_LIST, "NAME",
     "Artifact, one of which must be installed; may be repeated", false},
    {"provides-group", 'g', OPTION_TEXT, "GROUP", "Group that the artifact belongs to", false},
    {"depends-groups", 'G', OPTION_LIST, "GROUP",
     "Group, one of which the device must belong to; may be repeated", false},
    {"provides", 'p', OPTION_LIST, "KEY:VALUE",
     "What the device has after the installation; may be repeated", false},
    {"depends", 'd', OPTION_LIST, "KEY:VALUE",
     "What the device must have before it; may be repeated", false},
    {"clears-provides", 0, OPTION_LIST, "PATTERN",
     "What the device no longer has after it; may be repeated", false},
    {"compression", 0, OPTION_TEXT, "ID",
     "none, gzip (default), lzma, zstd_fastest, zstd_fast, zstd_better or zstd_best", false},
    {"compression-level", 0, OPTION_TEXT, "N",
     "Level of the compressor: gzip 1-12, lzma 1-9, zstd 1-22 (default: see the manual)", false},
    {"threads", 0, OPTION_TEXT, "N", "Threads that compress (default: one for each processor)",
     false},
    {0},
};

const struct option payload_options[] = {
    {"script", 's', OPTION_INPUT_LIST, "PATH",
     "State script, or a directory of them; may be repeated", false},
    {"max-artifact-size", 0, OPTION_TEXT, "SIZE",
     "Write nothing that is larger: a number with B, KB, MB, GB or TB", false},
    {"warn-artifact-size", 0, OPTION_TEXT, "SIZE", "Warn of what is larger", false},
    {0},
};

const struct exit_status write_exit_statuses[] = {
    {ARTIFACT_BAD_VERSION, 2},
    {ARTIFACT_CANNOT_WRITE, 3},
    {ARTIFACT_OK, 0},
};

/* ---- What a request owns ---- */

/* Keeps the string for the life of the request; NULL in, or no memory, NULL out. */
static const char *own(struct write_request *request, char *text)
{
    char **grown =
        text ? reallocarray(request->owned, request->owned_count + 1, sizeof *grown) : NULL;
    if (!grown) {
        free(text);
        return NULL;
    }
    request->owned = grown;
    request->owned[request->owned_count++] = text;
    return text;
}

const char *write_request_format(struct write_request *request, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return length < 0 ? NULL : own(request, text);
}

void write_request_clear(struct write_request *request)
{
    for (size_t i = 0; i < request->owned_count; i++)
        free(request->owned[i]);
    free(request->owned);
    free(request->compatible_types);
    free(request->depends_names);
    free(request->depends_groups);
    free(request->scripts);
    free(request->clears_provides);
    free(request->provides);
    free(request->depends);
    free(request->augment_provides);
    free(request->augment_depends);
    *request = (struct write_request){0};
}

/* ---- From the command line ---- */

/* "KEY:VALUE" */
static bool take_pair(struct write_request *request, struct artifact_pair *pair, const char *text,
                      struct artifact_error *error)
{
    const char *colon = strchr(text, ':');
    if (!colon)
        return command_fail(error, "argument must have a delimiting colon: %s", text);
    pair->key = own(request, strndup(text, (size_t)(colon - text)));
    pair->value = colon + 1;
    return pair->key || command_fail(error, "out of memory");
}

bool write_request_take_pairs(struct write_request *request, struct artifact_pair **pairs,
                              size_t *count, const struct arguments *arguments, const char *option,
                              struct artifact_error *error)
{
    const char **values = NULL;
    size_t value_count = 0;
    if (!arguments_get_list(&values, &value_count, arguments, option, error))
        return false;
    *pairs = calloc(value_count + MAX_EXTRA_PAIRS, sizeof **pairs);
    bool is_ok = *pairs || command_fail(error, "out of memory");
    for (size_t i = 0; is_ok && i < value_count; i++) {
        is_ok = take_pair(request, &(*pairs)[i], values[i], error);
        *count += is_ok;
    }
    free(values);
    return is_ok;
}

/* The type of device, or the artifact's name, is missing; what goes with them depends. */
static bool fail_missing(const struct write_request *request, struct artifact_error *error)
{
    if (request->kind == WRITE_BOOTSTRAP)
        return command_fail(error, "must provide `compatible-types` and `artifact-name`");
    if (request->kind == WRITE_ROOTFS)
        return command_fail(error, "must provide `compatible-types`, `artifact-name` and `file`");
    return command_fail(error, request->spec.name
                                   ? "The `device-type` or `compatible-types` flag is required"
                                   : "The `artifact-name` flag is required");
}

static bool take_types(struct write_request *request, const struct arguments *arguments,
                       struct artifact_error *error)
{
    bool has_deprecated = arguments_get_raw(arguments, "device-type");
    bool has_current = arguments_get_raw(arguments, "compatible-types");
    if (has_deprecated && has_current)
        return command_fail(error, "`device-type` and `compatible-types` are mutually exclusive");
    if (!has_deprecated && !has_current)
        return fail_missing(request, error);
    if (has_deprecated)
        command_warn("--device-type is deprecated and will be removed in future versions, use "
                     "--compatible-types instead");
    return arguments_get_list(&request->compatible_types, &request->spec.compatible_type_count,
                              arguments, has_deprecated ? "device-type" : "compatible-types",
                              error);
}

static bool take_name(struct write_request *request, const struct arguments *arguments,
                      struct artifact_error *error)
{
    request->spec.name = arguments_get_text(arguments, "artifact-name");
    if (!request->spec.name)
        return fail_missing(request, error);
    /* Artifacts of modules may always have had blanks in their names. */
    if (request->kind != WRITE_MODULE && strpbrk(request->spec.name, " \t\n\v\f\r"))
        return command_fail(error, "whitespace is not allowed in the artifact-name");
    return true;
}

static void warn_of_version_2(const struct arguments *arguments)
{
    static const char *const unknown[] = {
        "provides",       "depends",        "artifact-name-depends",
        "provides-group", "depends-groups", "clears-provides"};
    command_warn("format version 2 is refused by the device clients of today");
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        if (arguments_get_raw(arguments, unknown[i]))
            command_warn("--%s is ignored: format version 2 has no place for it", unknown[i]);
    }
}

/* "3", "2", ...; what the library does not write it refuses itself. */
static bool take_version(struct write_request *request, const struct arguments *arguments,
                         struct artifact_error *error)
{
    const char *text = arguments_get_text(arguments, "version");
    if (!text)
        return true;
    size_t length = strlen(text);
    if (length > 3 || strspn(text, "0123456789") != length)
        return command_fail(error, "--version %s: the version of the format must be a number",
                            text);
    for (; *text; text++)
        request->spec.format_version = request->spec.format_version * 10 + (unsigned)(*text - '0');
    if (request->spec.format_version == 0) {
        error->code = ARTIFACT_BAD_VERSION;
        snprintf(error->message, sizeof error->message, "Artifact version 0 is not supported");
        return false;
    }
    if (request->spec.format_version == 2 && request->kind == WRITE_ROOTFS)
        warn_of_version_2(arguments);
    /* That version exists, and is no mistake but for what is written into it: another status. */
    if (request->spec.format_version == 2 && request->kind != WRITE_ROOTFS)
        return command_fail(error, "%s need at least artifact format version 3",
                            request->kind == WRITE_MODULE ? "Module images"
                                                          : "Bootstrap artifacts");
    return true;
}

/* A number of up to three digits, 1 or more; *number stays when there is no such option. */
static bool take_number(unsigned *number, const struct arguments *arguments, const char *option,
                        struct artifact_error *error)
{
    const char *text = arguments_get_text(arguments, option);
    unsigned value = 0;
    if (!text)
        return true;
    size_t length = strlen(text);
    for (size_t i = 0; i < length && length <= MAX_DIGITS; i++)
        value = value * 10 + (unsigned)(text[i] - '0');
    if (length > MAX_DIGITS || strspn(text, "0123456789") != length || value == 0)
        return command_fail(error, "--%s %s: must be a number from 1 to 999", option, text);
    *number = value;
    return true;
}

/* What the library knows no level of it refuses itself. */
static bool take_compression(struct write_request *request, const struct arguments *arguments,
                             struct artifact_error *error)
{
    unsigned level = 0;
    request->spec.compression = arguments_get_text(arguments, "compression");
    if (!take_number(&level, arguments, "compression-level", error) ||
        !take_number(&request->spec.threads, arguments, "threads", error))
        return false;
    request->spec.compression_level = (int)level;
    return true;
}

static bool take_lists(struct write_request *request, const struct arguments *arguments,
                       struct artifact_error *error)
{
    struct artifact_spec *spec = &request->spec;
    if (!arguments_get_list(&request->depends_names, &spec->depends_name_count, arguments,
                            "artifact-name-depends", error) ||
        !arguments_get_list(&request->depends_groups, &spec->depends_group_count, arguments,
                            "depends-groups", error) ||
        !arguments_get_list(&request->scripts, &spec->script_count, arguments, "script", error))
        return false;
    /* Room for the patterns of the software's version is beyond what the command line can hold. */
    const char **given = NULL;
    if (!arguments_get_list(&given, &spec->clears_provides_count, arguments, "clears-provides",
                            error))
        return false;
    request->clears_provides =
        calloc(spec->clears_provides_count + MAX_EXTRA_CLEARS, sizeof *given);
    if (request->clears_provides)
        memcpy(request->clears_provides, given, spec->clears_provides_count * sizeof *given);
    free(given);
    return request->clears_provides || command_fail(error, "out of memory");
}

/* The spec borrows the arrays as they are now; later ones may only have been added to. */
static void lend(struct write_request *request)
{
    struct artifact_spec *spec = &request->spec;
    spec->compatible_types = request->compatible_types;
    spec->depends_names = request->depends_names;
    spec->depends_groups = request->depends_groups;
    spec->scripts = request->scripts;
    spec->clears_provides = request->clears_provides;
    spec->provides = request->provides;
    spec->depends = request->depends;
}

bool write_request_init(struct write_request *request, enum write_kind kind,
                        const char *payload_type, const struct arguments *arguments,
                        struct artifact_error *error)
{
    struct artifact_spec *spec = &request->spec;
    *request = (struct write_request){.kind = kind};
    request->output = arguments_get_text(arguments, "output-path");
    if (!request->output)
        request->output = "artifact.mender";
    spec->payload_type = payload_type;
    spec->group = arguments_get_text(arguments, "provides-group");
    bool is_filled =
        take_name(request, arguments, error) && take_types(request, arguments, error) &&
        take_version(request, arguments, error) && take_compression(request, arguments, error) &&
        take_lists(request, arguments, error) &&
        write_request_take_pairs(request, &request->provides, &spec->provides_count, arguments,
                                 "provides", error) &&
        write_request_take_pairs(request, &request->depends, &spec->depends_count, arguments,
                                 "depends", error) &&
        output_check(request->output, arguments, error);
    lend(request);
    return is_filled;
}

bool write_request_add_provide(struct write_request *request, const char *key, const char *value,
                               struct artifact_error *error)
{
    size_t count = request->spec.provides_count;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(request->provides[i].key, key) == 0)
            return true;
    }
    struct artifact_pair *grown = reallocarray(request->provides, count + 1, sizeof *grown);
    if (!grown)
        return command_fail(error, "out of memory");
    request->provides = grown;
    grown[count].key = own(request, strdup(key));
    grown[count].value = own(request, strdup(value));
    if (!grown[count].key || !grown[count].value)
        return command_fail(error, "out of memory");
    request->spec.provides_count++;
    lend(request);
    return true;
}

/* ---- Running ---- */

struct size_limits {
    uint64_t max, warn; /* 0: none */
    uint64_t size;      /* of what was written, or would have been */
};

static bool take_limits(struct size_limits *limits, const char *output,
                        const struct arguments *arguments, struct artifact_error *error)
{
    if (!size_limit_parse(&limits->max, arguments, "max-artifact-size", error) ||
        !size_limit_parse(&limits->warn, arguments, "warn-artifact-size", error))
        return false;
    /* What has gone through a pipe can not be taken back. */
    if (output_is_stream(output) && (limits->max || limits->warn)) {
        command_warn("Artifact size limits are not enforced when writing to %s",
                     strcmp(output, "-") == 0 ? "stdout" : output);
        limits->max = limits->warn = 0;
    }
    return true;
}

/* The limit is shown as it was typed. */
static void report_size(const struct size_limits *limits, bool is_written, const char *output,
                        const struct arguments *arguments, struct artifact_error *error)
{
    char size[32];
    size_limit_print(size, sizeof size, limits->size);
    if (!is_written && limits->max && limits->size > limits->max)
        snprintf(error->message, sizeof error->message,
                 "Artifact size %s exceeds maximum allowed size %s; %s is not written", size,
                 arguments_get_text(arguments, "max-artifact-size"), output);
    if (is_written && limits->warn && limits->size > limits->warn)
        command_warn("Artifact size %s exceeds specified limit %s", size,
                     arguments_get_text(arguments, "warn-artifact-size"));
}

bool write_request_run(struct write_request *request, const struct arguments *arguments,
                       struct artifact_error *error)
{
    const char *output = request->output;
    struct size_limits limits = {0};
    EVP_PKEY *key = NULL;
    struct progress_bar bar;
    if (!take_limits(&limits, output, arguments, error) ||
        !key_options_load(&key, arguments, error))
        return false;
    request->spec.allow_unsupported = key_options_allow_unsupported(arguments);
    request->spec.max_size = limits.max;
    request->spec.size = &limits.size;
    request->spec.temporary = interruption_get0_temporary();
    progress_init(&bar, arguments);
    bool is_written = artifact_write(&request->spec, output, key, progress_get(&bar), error);
    progress_clear(&bar);
    EVP_PKEY_free(key);
    request->spec.size = NULL;
    report_size(&limits, is_written, output, arguments, error);
    return is_written;
}
