"""The pages for people, by the measures that browsers, search engines and readers have."""
