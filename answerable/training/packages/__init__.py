"""Course packages (SCORM 1.2 and 2004) made by other tools: may this one come in, and what had to be repaired?

>>> from answerable.training.packages import check
>>> checked = check.check(file)                  # raises words.BadPackage, a sentence that names the member
>>> checked.version, checked.title, checked.launches, checked.repaired
"""
