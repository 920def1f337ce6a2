#!/usr/bin/perl
# package/install: what `make install` puts where, what it leaves alone, and what `make uninstall` removes.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Find;
use File::Temp qw(tempdir);
use Test::More;

my $top = tempdir(CLEANUP => 1) . '/a tree';
my $bin = abs_path($ENV{SINBIN_BIN} || 'bin');
my %at = (BIN => $bin, BINDIR => "$top/usr/b in", MANDIR => "$top/usr/man", DATADIR => "$top/usr/share/sin bin");
my $rules = "$at{DATADIR}/rules";

sub get { my ($path) = @_; open my $f, '<', $path or die "$path: $!"; local $/; return <$f> }
sub add { my ($path, $text) = @_; open my $f, '>>', $path or die "$path: $!"; print $f $text; close $f or die }

# Runs it: exit status and what it says.
sub install {
  my (@words) = @_;
  local @ENV{keys %at} = values %at;
  my $said = qx(sh package/install @words 2>&1);
  return ($? >> 8) . ' ' . $said;
}

# The files below a directory, with their paths from there.
sub files {
  my ($dir) = @_;
  my @found;
  find({ no_chdir => 1, wanted => sub { push @found, substr $_, 1 + length $dir if -f } }, $dir) if -d $dir;
  return sort @found;
}

my @programs = sort map { m{([^/]+)\.c$} } glob 'src/prog/sinbin-*.c';
my @pages = sort map { m{([^/]+)\.(\d)$} && "man$2/$1.$2" } glob 'src/*/*.[1-9]';
my @rules = grep { !/^rules\.cdb/ } files('rules');

is install('install'), '0 ', 'it installs, and says nothing';
is join(' ', files($at{BINDIR})), "@programs", 'the programs';
is join(' ', grep { !-x "$at{BINDIR}/$_" } @programs), '', 'which can be run';
is join(' ', files($at{MANDIR})), "@pages", 'a page for each, and those of the formats';
is join(' ', files($rules)), "@rules", 'the rule text, and no database';
is join(' ', files("$at{DATADIR}/service")), join(' ', files('service')), 'the service directories';

add("$rules/own", "192.0.2.25\n");
is system("make -s -C '$rules' SINBIN_RULES='$at{BINDIR}/sinbin-rules' 2>/dev/null"), 0, 'the rules can be built there';
add("$rules/mine", "# not ours\n");
add("$at{DATADIR}/service/s6/trap/run", "# old\n");
is install('install'), '0 ', 'it installs again';
like get("$rules/own"), qr/^192\.0\.2\.25$/m, 'a rule text that is there stays as it is';
unlike get("$at{DATADIR}/service/s6/trap/run"), qr/# old/, 'a service directory is replaced';

is install('uninstall'), "0 package/install: info: kept, since it was changed: $rules/own\n", 'it names what it keeps';
is join(' ', files($top)), join(' ', map { "usr/share/sin bin/rules/$_" } 'mine', 'own'), 'all else is removed';
ok !-d "$at{DATADIR}/service", 'with its directories';
unlink "$rules/own", "$rules/mine";
is install('uninstall'), '0 ', 'once more, with nothing left';
ok !-e $at{DATADIR}, 'the directory is gone';

like install(@$_), qr/^100 package\/install: usage: /, "usage: @$_" for [], ['remove'], ['install', 'now'];
{
  local $at{MANDIR} = '';
  like install('install'), qr/^[1-9]\d* .*MANDIR/, 'each directory must be given';
}
done_testing;
