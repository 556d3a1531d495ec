using Google.Protobuf.WellKnownTypes;
using Weft.Http;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>What an authorization service says of a request; Error: it did not answer, or not understandably.</summary>
internal enum AuthzStatus : byte { Ok, Denied, Error }

/// <summary>A header that the service wants.</summary>
internal readonly record struct AuthzHeader(HeaderName Name, byte[] Value);

/// <summary>The answer of an authorization service, in one form for both kinds. One worker.</summary>
internal sealed class AuthzVerdict(AuthzStatus status)
{
    public static readonly AuthzVerdict Error = new(AuthzStatus.Error);

    public AuthzStatus Status => status;

    /// <summary>Of a denial; default 403.</summary>
    public int ResponseStatus { get; set; } = 403;

    public byte[] Body { get; set; } = [];

    /// <summary>Changes of the request; of a denial: the answer's headers.</summary>
    public List<AuthzHeader> Set { get; } = [];

    public List<AuthzHeader> Added { get; } = [];

    /// <summary>Joined to headers that are there; others are left out.</summary>
    public List<AuthzHeader> Appended { get; } = [];

    public List<string> Removed { get; } = [];

    public List<(string Key, string Value)> ParametersSet { get; } = [];

    public List<string> ParametersRemoved { get; } = [];

    /// <summary>Changes of the response to a request that may go on.</summary>
    public List<AuthzHeader> ResponseAdded { get; } = [];

    public List<AuthzHeader> ResponseSet { get; } = [];

    public List<AuthzHeader> ResponseAddedIfAbsent { get; } = [];

    public List<AuthzHeader> ResponseSetIfPresent { get; } = [];

    /// <summary>Null when there is none.</summary>
    public Struct? Metadata { get; set; }

    /// <summary>Something in it cannot be a header.</summary>
    public bool IsInvalid { get; set; }

    public bool ChangesRequest => Set.Count + Added.Count + Appended.Count + Removed.Count + ParametersSet.Count + ParametersRemoved.Count > 0;
}
