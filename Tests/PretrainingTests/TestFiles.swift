/// The keys that have no default.
let minimalConfig = """
    data:
      shards: shards
    model:
      hidden: 16
      layers: 2
    population:
      size: 8
      segmentTokens: 4
    run:
      steps: 10
    update:
      rule: threshold
    """
