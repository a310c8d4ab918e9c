"""Letters by e-mail: written to a folder, or handed to an SMTP server."""

from connectors.mail.mailer import FolderMailer, Letter, Mailer, NotSent, SmtpMailer, mailer

__all__ = ["FolderMailer", "Letter", "Mailer", "NotSent", "SmtpMailer", "mailer"]
