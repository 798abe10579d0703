"""Why a reader did or did not get an edition, with these items, at this time.

answer      the edition that is meant, and the answer in one sentence
evidence    what is kept of one reader and one edition
because     the sentence
contents    each item that is in, and those that were looked for and are not
arrival     the moment: zone, hour, quiet hours, clocks that change
"""
