# SPDX-License-Identifier: Apache-2.0
# fish completion for mender-artifact(1), which is asked for the candidates itself, with what they mean.

function __mender_artifact_candidates
    set -l words (commandline -opc)
    set -l given $words[2..-1]
    if string match -q -- '-*' (commandline -ct)
        set -a given -
    else if string match -q -- '-*' $words[-1]
        return
    end
    _CLI_ZSH_AUTOCOMPLETE_HACK=1 $words[1] $given --generate-bash-completion 2>/dev/null | string replace : \t
end

complete -c mender-artifact -a '(__mender_artifact_candidates)'
