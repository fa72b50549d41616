resource "aws_secretsmanager_secret" "jwt" {
  name                    = "${var.name}/jwt-secret"
  description             = "Key that signs access tokens."
  recovery_window_in_days = var.recovery_window_days
}

# Made anew in every run and written only when the version below rises; neither plan nor state ever holds it.
ephemeral "random_password" "jwt" {
  length  = 64
  special = false
}

resource "aws_secretsmanager_secret_version" "jwt" {
  secret_id                = aws_secretsmanager_secret.jwt.id
  secret_string_wo         = ephemeral.random_password.jwt.result
  secret_string_wo_version = var.jwt_secret_version
}

# MongoDB and the mail relay are run elsewhere. Operators put the values in; Terraform never reads them.
resource "aws_secretsmanager_secret" "mongodb" {
  name                    = "${var.name}/mongodb-uri"
  description             = "MongoDB connection string with database parley, set by operators."
  recovery_window_in_days = var.recovery_window_days
}

resource "aws_secretsmanager_secret" "smtp" {
  name                    = "${var.name}/smtp"
  description             = "JSON with username and password of the mail relay, set by operators."
  recovery_window_in_days = var.recovery_window_days
}
