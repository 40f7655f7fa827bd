"""Ground Truth's Liquid dialect and the template lint."""
