"""The demo county: an invented place whose departments hold data as real departments do. See data/demo/make."""
