#!/usr/bin/perl
# The wall clock of sinbin-publish is wrong by hours, by days, and up to the year 9999, and is set right again: the
# program goes on, no address is listed that the clock does not allow, and soon after the correction the same
# addresses are listed as before. Jumps of an hour are in clock_jumps.t, with the other programs.
use strict;
use warnings;
use lib 'tests/cmd';
use File::Spec;
use Files qw(slurp spew);
use Publisher;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => $Publisher::absent if $Publisher::absent;
my $build = $ENV{SINBIN_BUILD} || '.build/std';
$build = File::Spec->rel2abs("$build/tests/clock/sinbin-publish");
-x $build or BAIL_OUT("$build is not built: make unit");
$SIG{$_} = sub { exit 1 } for qw(INT TERM ALRM);
alarm 200;

my $day = 86400;
my ($store, $out) = ("$top/store", "$top/out");
mkdir $out;
chmod 0755, $out;
make_store($store);
my $began = int time;
my $end_of_years = 253402300799;

sub jump {
  my ($off) = @_;
  spew("$top/shift.tmp", "$off\n");
  rename "$top/shift.tmp", "$top/shift" or die;
}

# Which of 1 to 9 are black in any dataset.
sub black {
  my %there;
  $there{$_} = 1 for map { slurp($_) =~ /^192\.0\.2\.(\d+) /mg } glob "$out/black4.*";
  return join ' ', sort keys %there;
}

sub date { return slurp("$out/expiry") =~ /\A\$TIMESTAMP 0 (\S+)\n/ ? $1 : 'none' }

# As sinbin-publish should write it, three hours from then.
sub date_for {
  my ($time) = @_;
  return '1970:01:01:00:00:01' if $time + 10800 < 1;
  return '2038:12:31:23:59:59' if $time + 10800 > 2177452799;
  my ($S, $M, $H, $d, $m, $y) = gmtime($time + 10800);
  return sprintf '%04d:%02d:%02d:%02d:%02d:%02d', $y + 1900, $m + 1, $d, $H, $M, $S;
}

# That date, as it was at most a minute ago.
sub expires_for {
  my ($off, $name) = @_;
  ok wait_for(10, sub { my $date = date(); my $now = int(time) + $off; grep { $date eq date_for($now - $_) } 0 .. 60 }), $name
    or diag date();
}

jump(0);
sql($store, "BEGIN;\n" . join('',
  row('192.0.2.1', 'black', until => $began + 7200),
  row('192.0.2.2', 'black', until => $began + 7 * $day),
  row('192.0.2.3', 'black', until => $began + 8 * $day),           # the longest
  row('192.0.2.4', 'black', until => $began + 41 * $day),          # of a clock that was 40 days ahead
  row('192.0.2.5', 'black', until => $end_of_years - 60),
  row('192.0.2.6', 'black', until => 7200),                        # of a clock in 1970
  row('192.0.2.7', 'none', until => $began + 7200),
  row('192.0.2.8', 'brown', until => $began + 41 * $day)) . "COMMIT;\n");
my %settings = (LINGER => 0, CLOCK_SHIFT => "$top/shift");
my $pid = start(\%settings, $build, $store, $out);
my $dns = do { wait_for(10, sub { black() ne '' }); serve($out, '1s', 'bl.example', 'all.example') };

sub is_published {
  my ($want, $name) = @_;
  my $got;
  wait_for(10, sub { ($got = black()) eq $want });
  is $got, $want, $name;
}

is_published('1 2 3', 'the right clock: what may end then');
is join(' ', ask_many(map { ["192.0.2.$_", 'all.example'] } 4, 5, 8)), 'NXDOMAIN NXDOMAIN NXDOMAIN', 'no other is in any zone';

for my $case (
  # seconds off, what is listed then
  [-3600, '1 2'],    # 3 lasts for eight days and an hour
  [3600, '1 2 3'],
  [3 * 3600, '2 3'],
  [40 * $day, '4'],
  [-40 * $day, ''],
  [-$began + 600, '6'],
  [-$began - 86400, '6'],
  [-$began - 30 * $day, ''],
  [4294967296 - $began, ''],
  [$end_of_years - 3600 - $began, '5'],
  [2 * $end_of_years, ''],
  )
{
  my ($off, $then) = @$case;
  jump($off);
  is_published($then, "clock off by $off: listed are '$then'");
  expires_for($off, 'and the zones expire three hours later, or when rbldnsd knows no later');
  jump(0);
  is_published('1 2 3', 'the right clock: as before');
  expires_for(0, 'and the zones expire in three hours');
}

# From one year to another; rbldnsd takes no dates of either.
jump($end_of_years - 3600 - $began);
is_published('5', 'the end of years');
jump(4294967296 - $began);
is_published('', 'and 2106');
jump(0);
is_published('1 2 3', 'the right clock: as before');

# Listings that come under the wrong clock are hot, and no base is written for them.
jump(40 * $day);
is_published('4', 'the clock is ahead');
sql($store, row('192.0.2.9', 'black', until => $began + 41 * $day) . row('192.0.2.1', 'black', until => $began + 3600));
is_published('4 9', 'a listing that comes then');
jump(0);
is_published('1 2 3', 'is not listed with the right clock, and one that was over is listed again');
now_is('192.0.2.1', 'bl.example', '127.0.0.2', 'rbldnsd answers', 10);
is stop($pid), 0, 'exit code';
stop($dns);
my @said = grep { /^sinbin-publish: / } split /^/m, slurp($errors);
is scalar(grep { !/: warning: rbldnsd takes only dates of the years 1970 to 2038: check the clock$/ } @said), 0, 'it logs no other warning'
  or diag @said;
is scalar(@said), 6, 'and this warning once each time';
done_testing;
