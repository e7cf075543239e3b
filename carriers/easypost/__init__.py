"""EasyPost: many carriers behind one API (docs.easypost.com, API v2)."""
