namespace Weft.Http.Urls;

/// <summary>Which ports are taken off the host before matching: none, the listener's (strip_matching_host_port), or any (strip_any_host_port).</summary>
public enum PortStripping : byte { None, Matching, Any }
