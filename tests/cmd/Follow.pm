package Follow;

# Log directories with their loggers, and sinbin-follow over them.

use strict;
use warnings;
use Files qw(slurp spew);
use Cwd qw(abs_path);
use Exporter 'import';
use File::Temp qw(tempdir);
use IO::Select;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(slurp spew logged start_logger start_follow run_follow checkpoint_of advance take end
  finish until_true have);

my $program = abs_path($ENV{SINBIN_BIN} || 'bin') . '/sinbin-follow';
my $errors = tempdir('sinbin-follow-errors-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my %running;

END {
  local $?;
  kill 'KILL', $_ for keys %running;
}

$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

sub have { my ($name) = @_; return scalar grep { -x "$_/$name" } split /:/, $ENV{PATH} }

sub until_true {
  my ($check) = @_;
  my $until = time + 30;
  my $result;
  sleep 0.01 until ($result = $check->()) || time > $until;
  return $result;
}

# All lines of a directory as sinbin-follow prints them, in the order of file names. A full file ends with
# a part of a line if its logger was killed; in `current` the rest of that line may come.
sub logged {
  my ($dir) = @_;
  my @lines;
  for my $file (sort(glob "$dir/\@*"), glob("$dir/previous"), glob "$dir/current") {
    my @pieces = split /\n/, slurp($file), -1;
    my $rest = pop @pieces // '';
    push @lines, @pieces, $rest eq '' || $file =~ /current$/ ? () : torn($rest);
  }
  return @lines;
}

sub torn {
  my ($line) = @_;
  my ($label, $text) = $line =~ /^(\@[0-9a-f]{24} )?(.*)/s;
  return sprintf '%sunread1 why=torn bytes=%d text=%s', $label // '', length $text, $text =~ s/ /%20/gr;
}

# A logger that reads from what is returned beside its process: s6-log or multilog.
sub start_logger {
  my ($name, $dir, $script, $pipe) = @_;
  my ($read, $write) = $pipe ? @$pipe : ();
  if (!$read) { pipe $read, $write or die "pipe: $!" }
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    open STDIN, '<&', $read or die;
    open STDERR, '>', '/dev/null';
    exec $name eq 's6-log' ? ('s6-log', '-b', '--', @$script, $dir) : ('multilog', @$script, $dir) or die;
  }
  $running{$pid} = 1;
  $write->autoflush(1);
  return { pid => $pid, pipe => [$read, $write], to => $write };
}

# Ends a logger cleanly: its input ends.
sub end {
  my ($logger) = @_;
  close $logger->{to};
  close $_ for @{ $logger->{pipe} };
  waitpid $logger->{pid}, 0;
  delete $running{ $logger->{pid} };
}

sub start_follow {
  my (@arguments) = @_;
  pipe my $read, my $write or die "pipe: $!";
  my $said = "$errors/" . ++our $count;
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    close $read;
    open STDOUT, '>&', $write or die;
    open STDERR, '>', $said or die;
    exec $program, @arguments or die;
  }
  close $write;
  $running{$pid} = 1;
  return { pid => $pid, out => $read, errors => $said, got => '' };
}

# The next whole lines, at least n of them; fewer where it ends or says nothing for some seconds. Without
# n what is there now.
sub take {
  my ($follow, $n, $seconds) = @_;
  my $ready = IO::Select->new($follow->{out});
  while (($follow->{got} =~ tr/\n//) < ($n // 1)) {
    $ready->can_read($n ? $seconds // 30 : 0) or last;
    sysread $follow->{out}, $follow->{got}, 65536, length $follow->{got} or last;
  }
  $follow->{got} =~ s/\A((?:[^\n]*\n)*)//;
  return split /\n/, $1;
}

# Signals it, or waits for its end; returns exit code (or signal) and what it said.
sub finish {
  my ($follow, $signal) = @_;
  kill $signal, $follow->{pid} if $signal;
  waitpid $follow->{pid}, 0;
  my $status = $?;
  delete $running{ $follow->{pid} };
  my $said = slurp($follow->{errors});
  unlink $follow->{errors};
  return ($status & 127 ? "signal $status" : $status >> 8, $said);
}

# To its end: exit code, standard error, lines.
sub run_follow {
  my $follow = start_follow(@_);
  my @lines;
  while (my @more = take($follow, 1)) { push @lines, @more }
  my ($code, $said) = finish($follow);
  return ($code, $said, @lines);
}

# The checkpoint behind a line that was printed, as a reporter makes it.
sub advance {
  my ($path, $line) = @_;
  my ($epoch) = slurp($path) =~ /^CP1 (\d+) / or die "no checkpoint in $path";
  my ($seq, $inode, $offset) = $line =~ / seq=(\d+) pos=(\d+)\.(\d+)$/ or die "no place: $line";
  my $label = $line =~ /^(\@[0-9a-f]{24}) / ? $1 : '-';
  spew("$path.tmp.test", sprintf "CP1 %s %s %s %s %s\n", $epoch, $seq + 1, $inode, $offset, $label);
  rename "$path.tmp.test", $path or die "rename: $!";
}

sub checkpoint_of {
  my ($path) = @_;
  my %c;
  @c{qw(epoch seq inode offset label)} = slurp($path) =~ /\ACP1 (\d+) (\d+) (\d+) (\d+) (\S+)\n\z/;
  return \%c;
}

1;
