namespace Weft.Proxy.Matching;

/// <summary>What matching comes to. Undecided: an input is not known yet, for example a response header while there is no response.</summary>
internal enum MatchOutcome : byte { No, Yes, Undecided }
