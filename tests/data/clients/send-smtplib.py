# Sends standard input by smtplib: send-smtplib.py HOST PORT FROM TO [with]
import smtplib, sys

host, port, sender, recipient = sys.argv[1:5]
mail = sys.stdin.read()
try:
    if sys.argv[5:] == ['with']:
        with smtplib.SMTP(host, int(port)) as smtp:
            smtp.sendmail(sender, recipient, mail)
    else:
        smtp = smtplib.SMTP(host, int(port))
        smtp.sendmail(sender, recipient, mail)
except smtplib.SMTPDataError as refusal:
    print(refusal)
