namespace Weft.Proxy.Matching;

/// <summary>What a tree of matchers is asked about: it decides which inputs it may have.</summary>
internal enum MatchScope : byte { Connection, Http, Statistic }
