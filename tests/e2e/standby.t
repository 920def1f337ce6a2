#!/usr/bin/perl
# Two collectors of one trap: two pipelines read the same log, each with a checkpoint of its own. One
# collector is away for most of it; that delays nothing but its own pipeline, and once it is back, and
# its reporter, too, was killed and started again, it lists what the other lists.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../cmd";
use Collectors;
use File::Temp qw(tempdir);
use POSIX qw(WNOHANG mkfifo);
use Test::More;
use Time::HiRes qw(sleep time);

my $bin = $ENV{SINBIN_BIN} || 'bin';
my $dir = tempdir('sinbin-standby-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $owner = $$;
my %running;
END { kill 'KILL', keys %running if %running && $$ == $owner }
$SIG{PIPE} = 'IGNORE';
srand 5;

# The log of an hour: 900 sessions of 300 addresses, each at a second of its own. Most of them are
# bots, every fourth address has clean sessions beside; a tenth is not to be reported.
my $last  = 800;
my $later = 900;
my $began = int(time) - 3600;
my @log   = map {
  my $peer = int rand 300;
  my $what = $_ % 10 == 0 ? 'scanner' : $peer % 4 == 0 && rand() < 0.8 ? 'clean' : rand() < 0.1 ? 'suspect' : 'bot';
  my ($end, $sins) = $what eq 'clean' ? ('quit', '') : ('fin', ' sins=' . (qw(helo-bot auth early-talk))[$peer % 3] . ',no-quit');
  sprintf "session1 at=%d.000 peer=11.5.%d.%d ms=10 stage=data end=%s seq=%d pos=7.%d%s score=%d verdict=%s\n",
    $began + 4 * $_, $peer >> 8, $peer & 255, $end, $_, 100 * $_, $sins, $what eq 'clean' ? -4 : 14, $what;
} 1 .. $later;

# ---- a pipeline ----

sub next_number { my ($p) = @_; return (split / /, Collectors::slurp($p->{checkpoint}))[2] }

sub reporter {
  my ($p) = @_;
  unlink $p->{fifo};
  mkfifo($p->{fifo}, 0600) or die "mkfifo: $!";
  my %env = (COLLECTOR => '127.0.0.1', COLLECTOR_PORT => $p->{collector}{port}, DETECTOR => 'trap',
    KEYFILE => "$p->{collector}{dir}/detectors/trap/key.1", CHECKPOINT => $p->{checkpoint}, RESEND_FIRST => 0.05,
    RESEND_LONGEST => 0.5, GRACE => 60, HEARTBEAT => 0);
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    open STDIN, '<', $p->{fifo} or die;
    open STDOUT, '>', '/dev/null' or die;
    open STDERR, '>>', "$dir/err" or die;
    delete $ENV{KEYGEN};
    @ENV{ keys %env } = values %env;
    exec "$bin/sinbin-report" or die "exec: $!";
  }
  $running{$pid} = 1;
  $p->{pid} = $pid;
  open $p->{in}, '>', $p->{fifo} or die;
  $p->{in}->autoflush(1);
  $p->{fed} = next_number($p);
}

# The log up to that line, as sinbin-follow would go on with it.
sub feed {
  my ($p, $to) = @_;
  my $in = $p->{in};
  print $in $log[ $p->{fed}++ - 1 ] while $p->{fed} <= $to;
}

sub slay {
  my ($p) = @_;
  kill 'KILL', $p->{pid};
  waitpid $p->{pid}, 0;
  delete $running{ $p->{pid} };
  close $p->{in};
}

sub end {
  my ($p) = @_;
  close $p->{in};
  Collectors::until_true('the reporter ends', sub { waitpid($p->{pid}, WNOHANG) == $p->{pid} });
  delete $running{ $p->{pid} };
  return $? >> 8;
}

sub pipeline {
  my ($name) = @_;
  my $c = Collectors->new(BREAKER_LEAST => 100000);
  $c->detector('trap');
  my $p = { collector => $c, checkpoint => "$dir/$name.checkpoint", fifo => "$dir/$name.fifo" };
  Collectors::spew($p->{checkpoint}, "CP1 1764000000 1 7 0 -\n");
  reporter($p);
  return $p;
}

sub evidence { my ($p) = @_; $p->{collector}->counts; return $p->{collector}->sql('SELECT coalesce(sum(bots + suspects + cleans), 0) FROM evidence') }

# ---- ----

my ($here, $away) = map { pipeline($_) } 'here', 'away';
my $reported = grep { !/scanner/ } @log[0 .. 199];
feed($_, 200) for $here, $away;
for my $p ($here, $away) {
  Collectors::until_true('the beginning', sub { evidence($p) >= $reported });
  is evidence($p), $reported, 'the beginning of the log, once';
}

$away->{collector}->slay;
feed($_, 700) for $here, $away;
$reported = grep { !/scanner/ } @log[0 .. 699];
Collectors::until_true('the one that is here', sub { evidence($here) >= $reported });
is evidence($here), $reported, 'the one that is here has all of it, once';
cmp_ok $away->{collector}->sql('SELECT coalesce(sum(bots + suspects + cleans), 0) FROM evidence'), '<', $reported,
  'the one that is away has not';
slay($away);
reporter($away);
cmp_ok $away->{fed}, '<=', 201, 'the other pipeline stands where its collector left';
feed($away, 700);
my $before = next_number($away);
sleep 0.5;
is next_number($away), $before, 'and goes on waiting';

$away->{collector}->start;
feed($_, $last) for $here, $away;
sub same {
  my ($one, $other) = @_;
  for (['listing', 'colour, since, until, times, last, sins, detectors, quits, noquits'],
    ['evidence', 'detector, first, last, last_bot, last_suspect, last_clean, bots, suspects, cleans, future, score, sins, '
      . 'quits, noquits, recent_bots, recent_cleans']) {
    my ($table, $columns) = @$_;
    $_->{collector}->counts for $one, $other;
    my @rows = map { $_->{collector}->sql("SELECT hex(ip), $columns FROM $table ORDER BY ip") } $one, $other;
    is $rows[1], $rows[0], "table $table is the same";
    cmp_ok scalar(split /\n/, $rows[0]), '>', 200, 'and not empty';
  }
}

is end($_), 0, 'the reporter ends once all is acknowledged' for $here, $away;
is next_number($_), $last + 1, 'its checkpoint is at the end' for $here, $away;
same($here, $away);

# A third one, which begins with a copy: the checkpoint first, and more is reported before the rest.
my $third = pipeline('third');
slay($third);
$third->{collector}->stop;
unlink glob "$third->{collector}{env}{STORE}*";
Collectors::spew($third->{checkpoint}, Collectors::slurp($here->{checkpoint}));
reporter($here);
feed($here, $last + 50);
$reported = grep { !/scanner/ } @log[0 .. $last + 49];
Collectors::until_true('more', sub { evidence($here) >= $reported });
is evidence($here), $reported, 'more is reported';
is system('sqlite3', $here->{collector}{env}{STORE}, ".backup $third->{collector}{env}{STORE}"), 0, 'a copy is made';
$third->{collector}->start;
reporter($third);
feed($_, $later) for $here, $third;
is end($_), 0, 'the reporter ends' for $here, $third;
same($here, $third);
cmp_ok $third->{collector}->counts->{duplicate}, '>', 0, 'what the copy had already was dropped';

my %colours = map { split /\|/ } split /\n/, $here->{collector}->sql('SELECT colour, count(*) FROM listing GROUP BY colour');
is join(' ', sort keys %colours), 'black brown none yellow', 'of all colours';
is $_->{collector}->stop, 0, 'exit code' for $here, $away, $third;
done_testing;
