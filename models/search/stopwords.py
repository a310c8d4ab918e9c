"""Words that say nothing about a product: English function words and what people wrap a wish in."""

_TEXT = """
a an and are as at be but by for from has have he her his i if in into is it its me my no not of on or our she so such
that the their then there these they this to was we were what which who will with would you your
am can could did do does doing get give go going hello hey hi just kind know lets like look looking maybe need nice ok
okay one please pls really recommend search searching show some something sort suggest thanks thank thing things think
tell us want wanna wants wish x
arent cant couldnt didnt doesnt dont hasnt havent heres id im isnt ive shouldnt theyre whats wont youre
about around best better budget cheap cheaper cheapest eur euro euros good great less max most price up
"""

STOP_WORDS = frozenset(_TEXT.split())
