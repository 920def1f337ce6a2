#!/usr/bin/perl
# Whose processes package/run starts: each service has a user of its own where root starts it and users can get at
# the tree, and else all is root's and said so. A tree that an earlier run left behind is stopped.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../cmd";
use Test::More;
use Chain;
use Files qw(slurp);
use IO::Select;
use Time::HiRes qw(sleep time);

for my $needed (qw(s6-svscan s6-setuidgid rbldnsd dig)) {
  plan skip_all => "$needed is missing" if system("PATH=\$PATH:/usr/sbin command -v $needed >/dev/null 2>&1");
}
$ENV{ALLOW_ROOT} = 1; # package/run takes it away unless it is its own choice

# The users of our programs below the tree, by the working directories of their services.
sub users {
  my ($chain) = @_;
  my %users;
  for my $proc (glob '/proc/[0-9]*') {
    my $cwd = readlink "$proc/cwd" or next;
    next if index($cwd, "$chain->{var}/service/") != 0;
    my $status = slurp("$proc/status");
    my ($name, $uid) = ($status =~ /^Name:\s+(\S+)/m, $status =~ /^Uid:\s+(\d+)/m);
    $users{$name} = getpwuid($uid) // $uid if $name =~ /^(?:sinbin-|s6-log)/;
  }
  return \%users;
}

my %want = ('sinbin-listen' => 'sinbin', 'sinbin-follow' => 'sinbin-verdicts', 'sinbin-resolve' => 'sinbin-verdicts',
  'sinbin-score' => 'sinbin-verdicts', 'sinbin-report' => 'sinbin-verdicts', 'sinbin-collect' => 'sinbin-collect',
  'sinbin-publish' => 'sinbin-publish', 's6-log' => 'sinbin-log');

# Until they are all there, and as they should be.
sub settles {
  my ($chain, $want, $name) = @_;
  my ($users, $until) = ({}, time + 20);
  while (time < $until) {
    $users = users($chain);
    last if join(',', map { "$_=$users->{$_}" } sort keys %$users) eq join(',', map { "$_=$want->{$_}" } sort keys %$want);
    sleep 0.05;
  }
  is_deeply $users, $want, $name;
}

sub bot_is_listed {
  my ($chain, $ip, $name) = @_;
  my $bot = $chain->connect($ip);
  print $bot "EHLO ylmf-pc\r\nMAIL FROM:<a\@b.example>\r\nRCPT TO:<x\@sinbin.test>\r\nDATA\r\n";
  ok Chain::expect($bot, qr/^451 /m, 30), "$name: a bot is heard";
  close $bot;
  my ($status, $until) = ('', time + 20);
  while (time < $until) {
    ($status) = $chain->dig(Chain::reversed($ip) . '.bl.sinbin.test', 'A');
    last if $status eq 'NOERROR';
    sleep 0.1;
  }
  is $status, 'NOERROR', "$name: and listed";
}

my $chain = Chain->new(map({ ("DELAY_$_" => '0.05') } qw(HELO MAIL RCPT DATA)), DELAY_GREET => '0.2', TIMEOUT_WATCH => 2);
my $me = getpwuid $>;
my $reachable = $> == 0 && system("s6-setuidgid nobody test -x $chain->{bin}/sinbin-smtpd") == 0;

ok $chain->start, 'package/run starts' or diag $chain->{said};
if ($reachable) {
  like $chain->{said}, qr/^  users +each service has a user of its own/m, 'and says that each service has a user';
  settles($chain, \%want, 'and so it is');
  is +(stat "$chain->{var}/detectors")[2] & 0777, 0700, 'the keys are the collector\'s';
  is getpwuid((stat "$chain->{var}/detectors/trap/key.1")[4]), 'sinbin-collect', 'all of them';
  is +(stat "$chain->{var}/report/key.1")[2] & 0777, 0400, 'the reporter has a copy';
  unlike join("\n", map { slurp($_) } glob "$chain->{var}/log/svscan $chain->{var}/log/*/current"), qr/Permission denied|unable to control|failed, will be tried again/, 'nothing is refused';
} else {
  settles($chain, { map { $_ => $me } keys %want }, 'all of it is who started it');
}
bot_is_listed($chain, '127.0.0.77', 'first');

# Killed without a chance to stop its tree.
kill KILL => $chain->{pid};
waitpid delete $chain->{pid}, 0;
ok %{ users($chain) }, 'the tree runs on';
ok $chain->start, 'the next run starts all the same' or diag $chain->{said};
like $chain->{said}, qr/^package\/run: stops the services that an earlier run has left/m, 'and says what it stopped';
bot_is_listed($chain, '127.0.0.78', 'second');
is $chain->stop, 0, 'stopped';

SKIP: {
  skip 'not root, or a tree that no user can get at', 4 unless $reachable;
  chmod 0700, $chain->{var};
  ok $chain->start, 'a tree that other users cannot get at: it starts' or diag $chain->{said};
  like $chain->{said}, qr/^  users +everything runs as root, since other users cannot get at /m, 'and says that all runs as root';
  settles($chain, { map { $_ => 'root' } keys %want }, 'and so it is');
  is $chain->stop, 0, 'stopped';
}

# The script alone: a second time nothing changes, and mistakes are told.
SKIP: {
  skip 'not root', 4 if $>;
  my $listing = sub { join '', map { my @st = lstat $_; "$_ $st[2] $st[4] $st[5]\n" } sort split /\n/, qx(find $chain->{var} -not -path '*/supervise*' -not -path '*/event*' -not -name lock) };
  chmod 0755, $chain->{var};
  is system("sh service/s6/users $chain->{var}"), 0, 'users, by hand';
  my $before = $listing->();
  is system("sh service/s6/users $chain->{var}"), 0, 'and again';
  is $listing->(), $before, 'changes nothing';
  my $said = qx(sh service/s6/users /nowhere 2>&1);
  is $? >> 8, 100, "no such directory: $said";
}
done_testing;
