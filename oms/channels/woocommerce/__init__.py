"""WooCommerce: signed webhooks in, REST API wc/v3 out."""
