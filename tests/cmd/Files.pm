# Whole files, for tests: slurp('path') is its text, '' where there is none; spew('path', 'text') makes it, or
# replaces its text; spew('path', 'text', 0400) makes it anew, with that mode.
package Files;
use strict;
use warnings;

# The tests may run as root, which the daemons refuse unless told.
$ENV{ALLOW_ROOT} //= 1;
use Exporter 'import';

our @EXPORT_OK = qw(slurp spew);

sub slurp {
  my ($path) = @_;
  open my $in, '<', $path or return '';
  local $/;
  return readline($in) // '';
}

sub spew {
  my ($path, $text, $mode) = @_;
  unlink $path if defined $mode;
  open my $out, '>', $path or die "$path: $!";
  print $out $text;
  close $out or die "$path: $!";
  chmod $mode, $path or die "$path: $!" if defined $mode;
}

1;
