"""Areas of plane shapes."""

import math


def circle_area(radius: float) -> float:
    """Return the area of a circle."""
    return math.pi * radius**2


def rectangle_area(width: float, height: float) -> float:
    """Return the area of a rectangle."""
    
