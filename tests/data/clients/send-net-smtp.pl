# Sends standard input by Net::SMTP: send-net-smtp.pl HOST PORT FROM TO
use strict;
use warnings;
use Net::SMTP;

my ($host, $port, $from, $to) = @ARGV;
my $smtp = Net::SMTP->new($host, Port => $port) or die $@;
$smtp->mail($from);
$smtp->to($to);
$smtp->data(<STDIN>);
print $smtp->message;
$smtp->quit;
