# SPDX-License-Identifier: Apache-2.0
# bash completion for mender-artifact(1), which is asked for the candidates itself.

_mender_artifact() {
  local current=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
  COMPREPLY=()
  if [[ $current == -* ]]; then
    words+=(-)
  elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == -* ]]; then
    # The value of an option, or an artifact: a file, which bash completes.
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" "${words[@]}" --generate-bash-completion 2>/dev/null)" -- "$current")
}

complete -o bashdefault -o default -F _mender_artifact mender-artifact
