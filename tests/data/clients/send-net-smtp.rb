# Sends standard input by net/smtp: send-net-smtp.rb HOST PORT FROM TO
require 'net/smtp'

host, port, from, to = ARGV
begin
  smtp = Net::SMTP.new(host, port.to_i)
  smtp.start
  smtp.send_message(STDIN.read, from, to)
rescue Net::SMTPServerBusy => refusal
  puts refusal
end
