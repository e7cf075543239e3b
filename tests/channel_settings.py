"""The channels that every test has."""

CHANNELS = {
    "shopify": {
        "kind": "shopify",
        "secrets": ["shopify-secret-new", "shopify-secret-old"],
        "api_url": "http://127.0.0.1:9",
        "access_token": "token",
        "locations": {"Riverside": "S01", "655441491": "S01"},
    },
    "woocommerce": {
        "kind": "woocommerce",
        "secrets": ["woo-secret"],
        "api_url": "http://127.0.0.1:9",
        "consumer_key": "ck",
        "consumer_secret": "cs",
        "locations": {"Riverside": "S01"},
    },
    "reference": {
        "kind": "reference",
        "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "api_url": "http://127.0.0.1:9",
        "locations": {"S01": "S01"},
    },
}
