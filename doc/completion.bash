
# --- the same for all programs ------------------------------------------------------------------

# What may follow is said in $kind: words, and @file, @dir, @command (of the REPL), @text: what only the
# user knows. Nothing of the line is ever given to the shell to be expanded.

# The words of $kind that go on as $cur does, each behind the beginning in $1.
@p@_words()
{
	local word words
	read -ra words -d '' <<<"$kind"
	for word in "${words[@]}"; do
		if [[ $word != @* && $word == "$cur"* ]]; then
			COMPREPLY+=("$1$word")
		fi
	done
}

# Short options in one word, "-qfjson": what the one that takes something takes, and in $cur that; in $letters
# what stands before it. Fails if none takes anything.
@p@_short()
{
	local i
	for ((i = 1; i < ${#1}; i++)); do
		@p@_value "-${1:i:1}"
		if [[ $kind ]]; then
			letters=${1:0:i+1}
			cur=${1:i+1}
			return 0
		fi
	done
	return 1
}

# A command of the REPL with its words in quotes: the last one. The first has no other kind than its name.
@p@_repl()
{
	local first=
	local before=$1
	if [[ $cur == *' '* ]]; then
		first=${cur%%' '*}
		before+=${cur%' '*}' '
		cur=${cur##*' '}
	fi
	@p@_command "$first"
	@p@_words "$before"
}

# What is in $kind, behind what stands before it in the same word.
@p@_kind()
{
	# A quote that is still open is kept by readline itself.
	if [[ $cur == [\'\"]* ]]; then
		local quote=${cur:0:1}
		[[ $cur == *"$quote"*"$quote"* ]] || cur=${cur:1}
	fi
	case " ${kind//$'\n'/ } " in
	*' @command '*)
		compopt +o default 2>/dev/null
		@p@_repl "$1"
		;;
	*' @dir '*)
		# With nothing before it readline does this itself, quoting and all.
		compopt -o dirnames 2>/dev/null
		[[ ! $1 ]] || @p@_names -d "$1"
		;;
	*' @file '*)
		@p@_words "$1"
		[[ ! $1 ]] || @p@_names -f "$1"
		;;
	*)
		compopt +o default 2>/dev/null
		@p@_words "$1"
		;;
	esac
}

# Names of files behind an option in the same word.
@p@_names()
{
	local name
	compopt -o filenames 2>/dev/null
	while IFS= read -r name; do
		COMPREPLY+=("$2$name")
	done < <(compgen "$1" -- "$cur")
}

@p@()
{
	local cur=${COMP_WORDS[COMP_CWORD]} kind='' letters='' command='' expects='' only='' word i
	local IFS=$' \t\n'
	COMPREPLY=()

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $word == '=' ]]; then
			# It is a word of its own, unless the user has made it none.
			continue
		elif [[ $expects ]]; then
			expects=
		elif [[ ! $only && $word == -- ]]; then
			only=1
		elif [[ ! $only && $word == --* ]]; then
			@p@_value "$word"
			expects=$kind
		elif [[ ! $only && $word == -?* ]]; then
			local value=$cur
			if @p@_short "$word" && [[ ! $cur ]]; then
				expects=$kind
			fi
			cur=$value
		elif [[ ! $command ]]; then
			command=$word
		fi
	done

	if [[ ${COMP_WORDS[COMP_CWORD-1]} == *[\<\>] ]]; then
		# A file of the shell's, which it completes itself.
		return
	elif [[ $expects ]]; then
		[[ $cur != '=' ]] || cur=
		kind=$expects
		@p@_kind ''
	elif [[ ! $only && $cur == --*=* ]]; then
		word=${cur%%=*}
		cur=${cur#*=}
		@p@_value "$word"
		[[ ! $kind ]] || @p@_kind "$word="
	elif [[ ! $only && ($cur == - || $cur == --*) ]]; then
		@p@_options "$command"
		@p@_words ''
		compopt +o default 2>/dev/null
		if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
			compopt -o nospace 2>/dev/null
		fi
	elif [[ ! $only && $cur == -* ]]; then
		word=$cur
		if ! @p@_short "$word"; then
			return
		elif [[ $cur ]]; then
			@p@_kind "$letters"
		else
			# What it takes may follow in a word of its own.
			COMPREPLY=("$word")
		fi
	else
		@p@_operand "$command"
		@p@_kind ''
	fi
}

complete -o default -F @p@ @program@
