using Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Requirements;

/// <summary>What tokens a request must bring: a tree, as configured. Immutable; any thread.</summary>
internal abstract class JwtRequirement
{
    /// <summary>The verdict; without meaning while keys are missing (<see cref="JwtVerification.WaitsFor"/>).</summary>
    public abstract JwtStatus Check(JwtVerification request);

    /// <summary>Nothing is required.</summary>
    internal sealed class Nothing : JwtRequirement
    {
        public override JwtStatus Check(JwtVerification request) => JwtStatus.Ok;
    }

    /// <summary>All tokens that the request brings in the places of one provider must be that provider's.</summary>
    /// <param name="audiences">Instead of the provider's own; null: those.</param>
    internal sealed class OfProvider(JwtProviderConfig provider, JwtAudiences? audiences) : JwtRequirement
    {
        public override JwtStatus Check(JwtVerification request)
        {
            provider.Locations.Sanitize(request.Headers);
            var found = new List<FoundToken>();
            provider.Locations.Find(request.Headers, found);
            if (found.Count == 0)
                return request.Fail(JwtStatus.Missing, provider);

            // One good token is not enough: the upstream may look at a bad one next to it.
            for (var i = found.Count - 1; i >= 0; i--)
            {
                var status = request.Verify(found[i], provider, audiences);
                if (status != JwtStatus.Ok || request.WaitsFor is not null)
                    return status;
            }

            return JwtStatus.Ok;
        }
    }

    /// <summary>Tokens of any provider, wherever they stand; none is needed, and perhaps not even a good one.</summary>
    /// <param name="allowsFailed">allow_missing_or_failed, not allow_missing.</param>
    internal sealed class Optional(JwtAuthnConfig config, bool allowsFailed) : JwtRequirement
    {
        public override JwtStatus Check(JwtVerification request)
        {
            config.AllLocations.Sanitize(request.Headers);
            var found = new List<FoundToken>();
            config.AllLocations.Find(request.Headers, found);
            var last = JwtStatus.Ok;
            for (var i = found.Count - 1; i >= 0; i--)
            {
                var status = request.Verify(found[i], null, null);
                if (request.WaitsFor is not null)
                    return status;
                if (last == JwtStatus.Ok)
                    last = status;
            }

            return allowsFailed ? JwtStatus.Ok : last;
        }
    }

    /// <summary>requires_all.</summary>
    internal sealed class All(JwtRequirement[] children) : JwtRequirement
    {
        public override JwtStatus Check(JwtVerification request)
        {
            foreach (var child in children)
            {
                var status = child.Check(request);
                if (status != JwtStatus.Ok || request.WaitsFor is not null)
                    return status;
            }

            return JwtStatus.Ok;
        }
    }

    /// <summary>requires_any.</summary>
    /// <param name="children">Without those that allow missing tokens, unless there are no others.</param>
    internal sealed class Any(JwtRequirement[] children, bool allowsMissing, bool allowsFailed) : JwtRequirement
    {
        public override JwtStatus Check(JwtVerification request)
        {
            var worst = JwtStatus.Missing;
            foreach (var child in children)
            {
                var status = child.Check(request);
                if (status == JwtStatus.Ok || request.WaitsFor is not null)
                    return status;

                // A token that is wrong says more than one that is not there, or another provider's.
                if (status is not (JwtStatus.Missing or JwtStatus.UnknownIssuer) || worst == JwtStatus.Missing)
                    worst = status;
            }

            return allowsFailed || (allowsMissing && worst == JwtStatus.Missing) ? JwtStatus.Ok : worst;
        }
    }
}
