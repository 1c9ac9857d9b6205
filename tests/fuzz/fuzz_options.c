// SPDX-License-Identifier: Apache-2.0
/* What a person types: each line is a word after a command's name. What errors quote is made fit
 * for a terminal where they are printed. */
#include "fuzz.h"

#include "command.h"
#include "size_limit.h"
#include "ssh.h"
#include "write_options.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 64 };

static void check_size(const struct arguments *arguments, const char *option)
{
    struct artifact_error error = {0};
    uint64_t bytes = 0;
    char text[32];

    if (!size_limit_parse(&bytes, arguments, option, &error)) {
        REQUIRE(*error.message);
        return;
    }
    REQUIRE(bytes == 0 || arguments_get_text(arguments, option));
    size_limit_print(text, sizeof text, bytes);
    fuzz_require_sentence(text);
}

static void check_lists(const struct arguments *arguments, option_tables tables)
{
    struct artifact_error error = {0};
    const char **values = NULL;
    size_t count = 0;

    for (; *tables; tables++) {
        for (const struct option *option = *tables; option->name; option++) {
            REQUIRE(arguments_get_list(&values, &count, arguments, option->name, &error));
            REQUIRE(count <= arguments->option_count);
            REQUIRE((count > 0) == (arguments_find_last(arguments, option->name) >= 0));
            free(values);
        }
    }
}

/* Pairs KEY:VALUE, levels, threads, versions: all that is understood before a file is opened. */
static void check_request(const struct arguments *arguments, enum write_kind kind)
{
    struct artifact_error error = {0};
    struct write_request request;

    if (!write_request_init(&request, kind, "rootfs-image", arguments, &error))
        REQUIRE(*error.message);
    write_request_clear(&request);
}

static void check_address(const struct arguments *arguments, const char *option)
{
    const char *address = arguments_get_text(arguments, option);
    struct artifact_error error = {0};
    struct ssh ssh;

    if (!address || !ssh_is_address(address))
        return;
    if (!ssh_init(&ssh, address, arguments, &error))
        REQUIRE(*error.message);
    else /* what ssh would take for an option of its own is no host */
        REQUIRE(*ssh.destination && *ssh.destination != '-');
    ssh_clear(&ssh);
}

static void check_command(const char *first, const char *second, char *const *words, int count)
{
    char *const name[] = {(char *)(uintptr_t)first, (char *)(uintptr_t)second};
    struct arguments arguments = {0};
    struct artifact_error error = {0};
    int used = 0;
    const struct command *command = command_find(&used, 2, name);

    REQUIRE(command && used >= 1);
    if (arguments_parse(&arguments, command->options, count, words, &error)) {
        REQUIRE(arguments.option_count + arguments.operand_count <= (size_t)count);
        if (!arguments_check_required(&arguments, command->options, &error))
            fuzz_require_sentence(error.message);
        check_lists(&arguments, command->options);
        if (strcmp(first, "write") == 0) {
            check_request(&arguments, WRITE_ROOTFS);
            check_address(&arguments, "file");
        }
        check_size(&arguments, "max-artifact-size");
        check_size(&arguments, "max-payload-size");
    } else {
        REQUIRE(*error.message);
    }
    arguments_clear(&arguments);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[MAX_WORDS] = {0};
    int count = 0;

    while (size > 0 && count < MAX_WORDS)
        words[count++] = fuzz_take_line(&data, &size);
    check_command("write", "rootfs-image", words, count);
    check_command("validate", "", words, count);
    for (int i = 0; i < count; i++)
        free(words[i]);
    return 0;
}
