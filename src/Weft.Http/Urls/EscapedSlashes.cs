namespace Weft.Http.Urls;

/// <summary>path_with_escaped_slashes_action: what to do with <c>%2F</c> and <c>%5C</c> in a path. The first is the default of Envoy.</summary>
public enum EscapedSlashes : byte { KeepUnchanged, RejectRequest, UnescapeAndRedirect, UnescapeAndForward }
