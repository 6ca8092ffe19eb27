# A server of terminals: sessions, windows and panes whose shells are typed to, and what they show. The prompt counts commands, so that one waits for it.
export TMUX_TMPDIR=$(mktemp -d) PS1='\#> ' TERM=screen SHELL=/bin/sh
unset TMUX
cd "$TMUX_TMPDIR"
t() { tmux -L programs -f /dev/null "$@"; }
shell='exec bash --norc --noprofile'
shown() { until t capture-pane -p -t "$1" | grep -q "^$2> *$"; do sleep 0.02; done; }
running() { until [ "$(t display-message -p -t "$1" '#{pane_current_command}')" = "$2" ]; do sleep 0.02; done; }
screen() { echo "-- $1"; t capture-pane -p -t "$1" | sed -e 's/ *$//' -e '/^$/d'; }

t new-session -d -s work -n first -x 60 -y 20 "$shell"
shown work:first 1
t send-keys -t work:first 'echo $((6 * 7)) $LINES $COLUMNS' Enter
shown work:first 2
t send-keys -t work:first 'cat' Enter
running work:first cat
t send-keys -t work:first 'typed' Enter C-d
shown work:first 3
t send-keys -t work:first 'sleep 100' Enter
running work:first sleep
t send-keys -t work:first C-c
shown work:first 4
t send-keys -t work:first 'echo $?; stty size; printf "\033[1mbold\033[0m\033[3Dx\n"' Enter
shown work:first 5
screen work:first
t capture-pane -e -p -t work:first | grep -c "$(printf '\033\\[1m')"

echo 'panes that are split and resized'
t split-window -h -t work:first "$shell"
t split-window -v -l 5 -t work:first.1 "$shell"
for pane in 1 2; do shown work:first.$pane 1; done
t list-panes -t work:first -F '#{pane_index} #{pane_width}x#{pane_height} #{pane_active} #{pane_current_command}'
t resize-pane -t work:first.0 -x 20
t send-keys -t work:first.0 'clear; stty size' Enter
shown work:first.0 6
screen work:first.0
t select-layout -t work:first even-vertical
t list-panes -t work:first -F '#{pane_index} #{pane_width}x#{pane_height}'
t send-keys -t work:first.2 'exit' Enter
until [ "$(t list-panes -t work:first | wc -l)" = 2 ]; do sleep 0.02; done

echo 'windows, buffers and hooks'
t new-window -d -t work -n second "$shell"
shown work:second 1
t set-buffer 'echo from a buffer'
t paste-buffer -t work:second
t send-keys -t work:second Enter
shown work:second 2
t pipe-pane -t work:second 'cat > piped'
t send-keys -t work:second 'seq 30 | paste -sd+; tmux wait-for -S done' Enter
t wait-for done
shown work:second 3
t pipe-pane -t work:second
grep -c '28+29+30' piped
screen work:second
t send-keys -t work:second 'seq 100' Enter
shown work:second 4
t capture-pane -p -S - -t work:second | grep -c '^[0-9][0-9]*$'
t display-message -p -t work:second '#{history_size} #{window_name} #{session_windows} #{?window_zoomed_flag,zoomed,whole}'
t set-environment -t work KEPT value; t show-environment -t work KEPT
t run-shell 'echo run by the server > ran'; cat ran
t if-shell true 'set-option -g @chosen yes' 'set-option -g @chosen no'; t show-options -gv @chosen
t list-windows -t work -F '#{window_index} #{window_name} #{window_panes}'
t has-session -t none 2> /dev/null; echo "none: $?"
t kill-window -t work:second
t list-sessions -F '#{session_name} #{session_windows} #{session_attached}'
t kill-server
until ! t list-sessions > /dev/null 2>&1; do sleep 0.02; done
echo "ended"
rm -rf "$TMUX_TMPDIR"
