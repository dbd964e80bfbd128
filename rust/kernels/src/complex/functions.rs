//! Elementary functions of a complex number, in doubles. Branch cuts lie as in C99's Annex G, NumPy and PyTorch, and the
//! sign of a zero says on which side of a cut a number is (W. Kahan, Branch cuts for complex elementary functions, 1987).

use super::Pair;
use std::f64::consts::{LN_2, LN_10, PI};

type Complex = Pair<f64>;

/// `a * b`.
#[inline]
pub fn mul([a, b]: Complex, [c, d]: Complex) -> Complex {
    [a * c - b * d, a * d + b * c]
}

fn div([a, b]: Complex, [c, d]: Complex) -> Complex {
    let wide = c.abs() >= d.abs();
    let (large, small) = if wide { (c, d) } else { (d, c) };
    let ratio = if large == 0.0 { 0.0 } else { small / large };
    let scale = large + small * ratio;
    let (re, im) = if wide { (a + b * ratio, b - a * ratio) } else { (a * ratio + b, b * ratio - a) };
    [re / scale, im / scale]
}

fn add([a, b]: Complex, [c, d]: Complex) -> Complex {
    [a + c, b + d]
}

/// `i * z`
fn turned([x, y]: Complex) -> Complex {
    [-y, x]
}

/// `-i * z`
fn turned_back([x, y]: Complex) -> Complex {
    [y, -x]
}

/// `exp(x) factor` where `exp(x)` alone may overflow.
fn exp_times(x: f64, factor: f64) -> f64 {
    if x > 709.0 { (x / 2.0).exp() * factor * (x / 2.0).exp() } else { x.exp() * factor }
}

/// `e` to the power `z`. A zero angle leaves a real number, also an infinite one.
pub fn exp([x, y]: Complex) -> Complex {
    if y == 0.0 {
        return [x.exp(), y];
    }
    if x.is_infinite() && !y.is_finite() {
        // As C99: nothing has an angle, infinity in an unknown direction has an infinite part.
        return if x > 0.0 { [x, f64::NAN] } else { [0.0, 0.0] };
    }
    [exp_times(x, y.cos()), exp_times(x, y.sin())]
}

/// 2 to the power `z`.
pub fn exp2([x, y]: Complex) -> Complex {
    if y == 0.0 { [x.exp2(), y] } else { exp([x * LN_2, y * LN_2]) }
}

/// `exp(z) - 1`, exact near zero: the real part is `expm1(x) cos(y) - 2 sin(y / 2)^2`.
pub fn expm1([x, y]: Complex) -> Complex {
    if y == 0.0 {
        return [x.exp_m1(), y];
    }
    let half = (y / 2.0).sin();
    [x.exp_m1() * y.cos() - 2.0 * half * half, x.exp() * y.sin()]
}

/// `ln |z|`, exact near the unit circle: there the sum of squares is taken less one.
fn ln_abs([x, y]: Complex) -> f64 {
    let (large, small) = if x.abs() >= y.abs() { (x.abs(), y.abs()) } else { (y.abs(), x.abs()) };
    if (0.5..=2.0).contains(&large) && large.hypot(small) < 3.0 {
        // (large - 1) (large + 1) + small^2, with the rounding errors of the products.
        let product = (large - 1.0) * (large + 1.0);
        let square = small * small;
        let rest = (large - 1.0).mul_add(large + 1.0, -product) + small.mul_add(small, -square);
        return (product + (square + rest)).ln_1p() / 2.0;
    }
    if large.is_infinite() || small.is_infinite() {
        return f64::INFINITY;
    }
    if !(1e-300..=1e300).contains(&large) {
        // Scaled by powers of two.
        let (scale, shift) = if large > 1.0 { (2f64.powi(-600), 600.0) } else { (2f64.powi(600), -600.0) };
        return (large * scale).hypot(small * scale).ln() + shift * LN_2;
    }
    large.hypot(small).ln()
}

/// The natural logarithm, with the cut along the negative axis.
pub fn log(z: Complex) -> Complex {
    [ln_abs(z), z[1].atan2(z[0])]
}

/// The logarithm to base 2.
pub fn log2(z: Complex) -> Complex {
    log(z).map(|part| part / LN_2)
}

/// The logarithm to base 10.
pub fn log10(z: Complex) -> Complex {
    log(z).map(|part| part / LN_10)
}

/// `ln(1 + z)`, exact near zero: `|1 + z|^2 - 1` is `x (2 + x) + y^2`.
pub fn log1p([x, y]: Complex) -> Complex {
    let angle = y.atan2(1.0 + x);
    if x.abs() < 0.5 && y.abs() < 0.5 {
        let (product, square) = (x * (2.0 + x), y * y);
        let rest = x.mul_add(2.0, x.mul_add(x, -product)) + y.mul_add(y, -square);
        return [(product + (square + rest)).ln_1p() / 2.0, angle];
    }
    [ln_abs([1.0 + x, y]), angle]
}

/// The square root with a real part that is not negative.
pub fn sqrt([x, y]: Complex) -> Complex {
    if x == 0.0 && y == 0.0 {
        return [0.0, y];
    }
    if y.is_infinite() {
        return [f64::INFINITY, y];
    }
    if x.is_infinite() {
        let small = if y.is_nan() { y } else { 0.0 };
        return if x > 0.0 { [x, small.copysign(y)] } else { [small.abs(), f64::INFINITY.copysign(y)] };
    }
    // Far from overflow and from numbers with fewer bits.
    let size = x.abs().max(y.abs());
    let (scale, back) = if size > 1e300 {
        (0.0625, 4.0)
    } else if size < 1e-290 {
        (2f64.powi(108), 2f64.powi(-54))
    } else {
        (1.0, 1.0)
    };
    let (x, y) = (x * scale, y * scale);
    let root = ((x.abs() + x.hypot(y)) / 2.0).sqrt();
    let other = y.abs() / (2.0 * root);
    if x >= 0.0 { [root * back, other.copysign(y) * back] } else { [other * back, root.copysign(y) * back] }
}

/// `1 / sqrt(z)`.
pub fn rsqrt(z: Complex) -> Complex {
    reciprocal(sqrt(z))
}

/// `1 / z`.
pub fn reciprocal(z: Complex) -> Complex {
    div([1.0, 0.0], z)
}

/// `z * z`.
pub fn square([x, y]: Complex) -> Complex {
    [x * x - y * y, 2.0 * x * y]
}

/// The hyperbolic sine.
pub fn sinh([x, y]: Complex) -> Complex {
    if y == 0.0 {
        return [x.sinh(), y];
    }
    if x == 0.0 {
        return [if y.is_finite() { x * y.cos() } else { x }, y.sin()];
    }
    if x.abs() > 700.0 && x.is_finite() {
        return [exp_times(x.abs(), y.cos() / 2.0).copysign(x * y.cos()), exp_times(x.abs(), y.sin() / 2.0)];
    }
    [x.sinh() * y.cos(), x.cosh() * y.sin()]
}

/// The hyperbolic cosine.
pub fn cosh([x, y]: Complex) -> Complex {
    if y == 0.0 {
        return [x.cosh(), if x.is_sign_negative() { -y } else { y }];
    }
    if x == 0.0 {
        return [y.cos(), x * y.sin()];
    }
    if x.abs() > 700.0 && x.is_finite() {
        return [exp_times(x.abs(), y.cos() / 2.0), exp_times(x.abs(), y.sin() / 2.0).copysign(x * y.sin())];
    }
    [x.cosh() * y.cos(), x.sinh() * y.sin()]
}

/// The hyperbolic tangent (Kahan's formula, with `1 / cosh` where it is small).
pub fn tanh([x, y]: Complex) -> Complex {
    if x.abs() > 20.0 && y.is_finite() {
        // 4 exp(-2 |x|) sin(y) cos(y)
        return [1f64.copysign(x), 4.0 * y.sin() * y.cos() * (-2.0 * x.abs()).exp()];
    }
    if !y.is_finite() || x.is_nan() {
        if x.is_infinite() {
            return [1f64.copysign(x), 0.0];
        }
        return [if x == 0.0 { x } else { f64::NAN }, if y == 0.0 { y } else { f64::NAN }];
    }
    let t = y.tan();
    let beta = 1.0 + t * t;
    let s = x.sinh();
    let rho = (1.0 + s * s).sqrt();
    if !t.is_finite() {
        return [rho / s, 1.0 / t];
    }
    let bottom = 1.0 + beta * s * s;
    [beta * rho * s / bottom, t / bottom]
}

/// The sine.
pub fn sin(z: Complex) -> Complex {
    turned_back(sinh(turned(z)))
}

/// The cosine.
pub fn cos(z: Complex) -> Complex {
    cosh(turned(z))
}

/// The tangent.
pub fn tan(z: Complex) -> Complex {
    turned_back(tanh(turned(z)))
}

/// `1 - z` and `1 + z`, with the sign of zero that the imaginary part has by the definition.
fn beside_one([x, y]: Complex) -> (Complex, Complex) {
    ([1.0 - x, -y], [1.0 + x, y])
}

/// The inverse sine; cuts beyond -1 and 1.
pub fn asin(z: Complex) -> Complex {
    turned_back(asinh(turned(z)))
}

/// The inverse cosine; cuts beyond -1 and 1.
pub fn acos(z: Complex) -> Complex {
    let [x, y] = z;
    if !large_or_nan(z) {
        let (minus, plus) = beside_one(z);
        let (a, b) = (sqrt(minus), sqrt(plus));
        // Re = 2 atan(Re a / Re b), Im = asinh(Im(conj(b) a))
        return [2.0 * a[0].atan2(b[0]), (b[0] * a[1] - b[1] * a[0]).asinh()];
    }
    if x.is_nan() || y.is_nan() {
        if x.is_infinite() || y.is_infinite() {
            let real = if y.is_infinite() { f64::NAN } else { y };
            return [real, f64::INFINITY];
        }
        return [if x == 0.0 { PI / 2.0 } else { f64::NAN }, f64::NAN];
    }
    // |z| is large: acos(z) = -+ i log(2 z)
    [y.abs().atan2(x), -(ln_abs(z) + LN_2).copysign(y)]
}

/// Whether squares would overflow, or there are none.
fn large_or_nan([x, y]: Complex) -> bool {
    !(x.abs() < 1e150 && y.abs() < 1e150)
}

/// The inverse hyperbolic sine; cuts beyond -i and i.
pub fn asinh(z: Complex) -> Complex {
    let [x, y] = z;
    if !large_or_nan(z) {
        // With w = i z: Im = -asin ..., from the roots of 1 - w and 1 + w, w = i z.
        let (minus, plus) = beside_one(turned(z));
        let (a, b) = (sqrt(minus), sqrt(plus));
        // asin(w) = atan(Re w / Re(a b)) + i asinh(Im(conj(a) b)); asinh(z) = -i asin(i z)
        let re = (a[0] * b[0] - a[1] * b[1]).abs();
        let angle = (-y).atan2(re);
        let size = (a[0] * b[1] - a[1] * b[0]).asinh();
        return [size, -angle];
    }
    if x.is_nan() || y.is_nan() {
        if x.is_infinite() || y.is_infinite() {
            return [if x.is_infinite() { x } else { f64::INFINITY }, f64::NAN];
        }
        return [f64::NAN, if y == 0.0 { y } else { f64::NAN }];
    }
    [(ln_abs(z) + LN_2).copysign(x), y.atan2(x.abs())]
}

/// The inverse hyperbolic cosine; the cut runs left from 1.
pub fn acosh(z: Complex) -> Complex {
    let [x, y] = acos(z);
    // i acos(z) or -i acos(z), whichever has a real part that is not negative.
    if z[1].is_sign_negative() { [y.abs(), -x.abs()] } else { [y.abs(), x.abs()] }
}

/// The inverse tangent; cuts beyond -i and i.
pub fn atan(z: Complex) -> Complex {
    turned_back(atanh(turned(z)))
}

/// The inverse hyperbolic tangent; cuts beyond -1 and 1.
pub fn atanh([x, y]: Complex) -> Complex {
    if x.is_nan() || y.is_nan() {
        return [
            if x.is_infinite() || y.is_infinite() || x == 0.0 { 0f64.copysign(x) } else { f64::NAN },
            if y.is_infinite() { (PI / 2.0).copysign(y) } else { f64::NAN },
        ];
    }
    if large_or_nan([x, y]) {
        // 1 / z is beyond the last digit of pi / 2.
        return [reciprocal([x, y])[0], (PI / 2.0).copysign(y)];
    }
    let (far, square) = (1.0 - x.abs(), y * y);
    // Re = log1p(4 |x| / ((1 - |x|)^2 + y^2)) / 4
    // Where both squares vanish: ln |2 / y| / 2.
    let re = if far == 0.0 && y.abs() < 1e-100 {
        (LN_2 - y.abs().ln()) / 2.0
    } else {
        (4.0 * x.abs() / (far * far + square)).ln_1p() / 4.0
    };
    let im = (2.0 * y).atan2(far * (1.0 + x.abs()) - square) / 2.0;
    [re.copysign(x), im]
}

/// `1 / (1 + exp(-z))`.
pub fn sigmoid([x, y]: Complex) -> Complex {
    if x >= 0.0 {
        return reciprocal(add([1.0, 0.0], exp([-x, -y])));
    }
    let e = exp([x, y]);
    div(e, add([1.0, 0.0], e))
}

/// `a` to the power `b`: by products for small whole exponents, else `exp(b log a)`. Anything to the power 0 is 1; 0 to a
/// power with a positive real part is 0.
pub fn pow(a: Complex, b: Complex) -> Complex {
    if b == [0.0, 0.0] {
        return [1.0, 0.0];
    }
    if a == [0.0, 0.0] {
        return match b {
            [re, _] if re > 0.0 => [0.0, 0.0],
            [_, 0.0] => [f64::INFINITY, f64::NAN],
            _ => [f64::NAN, f64::NAN],
        };
    }
    if b[1] == 0.0 && b[0].fract() == 0.0 && b[0].abs() < 100.0 {
        let (mut left, mut base, mut out) = (b[0].abs() as u32, a, [1.0, 0.0]);
        while left > 0 {
            if left & 1 == 1 {
                out = mul(out, base);
            }
            base = mul(base, base);
            left >>= 1;
        }
        return if b[0] < 0.0 { reciprocal(out) } else { out };
    }
    exp(mul(b, log(a)))
}
